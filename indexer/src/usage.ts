/** What the command line says of itself. */
export const USAGE = `tidemark-indexer [run] --build FOLDER --rpc URL [options]
tidemark-indexer status | resync | export | backup | restore

Indexes a subgraph that graph-cli built, and serves it by GraphQL, with subscriptions.
Each command tells its own options by --help.`;

const DATABASE = `  --database WHERE     pglite:FOLDER, a folder of this machine (default pglite:.tidemark/index), or postgres://…;
                       or TIDEMARK_DATABASE in the environment, since an address may hold a password`;

export const HELP = {
  run: `tidemark-indexer [run] --build FOLDER --rpc URL [options]

Indexes until it is stopped. GraphQL is at /graphql: queries, and subscriptions by WebSocket and by events; /health and
/metrics tell how it is.

What
  --build FOLDER       what graph-cli built; another build than before is indexed beside it, and served once it has caught up
  --rpc URL            the chain's RPC, http or ws; given again, the next is asked when those before it fail;
                       or TIDEMARK_RPC in the environment, separated by spaces
${DATABASE}
  --ipfs URL           an IPFS gateway, of which no byte is believed unless its hash fits; given again, the next is asked
  --engine embedded    indexes itself (default), or
  --engine graph-node --url URL
                       only serves what a graph-node indexes: its endpoint for queries of the subgraph
  --poll MS            between two looks at the chain (default 200)

Where it is served
  --host HOST          (default 127.0.0.1, this machine alone)
  --port N             (default 8549)
  --trust-proxy        addresses are the last of X-Forwarded-For, which a proxy in front of it writes

Signed orders
  --orders ADDRESS     keeps the signed orders of the exchange at that address, its engine, in the same database
  --take-over FOLDER   an order service's folder of its own, whose orders are taken over once
  --start-block N      where the exchange was deployed, or any earlier block

What it tells
  --json               a line of JSON for each event
  --verbose            what handlers log, too`,

  status: `tidemark-indexer status [options]

How far an index is: of the indexer that runs here, else of the database. Exit code 1 when something is wrong.

${DATABASE}
  --host HOST          where the indexer is served (default 127.0.0.1)
  --port N             (default 8549)
  --json               as one object`,

  resync: `tidemark-indexer resync [options]

Removes all that was indexed, so that the next run begins at the beginning. Signed orders in the same database stay.
The indexer must not run.

${DATABASE}`,

  export: `tidemark-indexer export --entity NAME --format csv|json [options]

Writes all entities of a type as they stand, to the standard output; amounts are exact. The indexer must not run.

  --entity NAME        a type of the subgraph's schema, e.g. Trade
  --format csv|json    rows with a header, or an object a line
  --interval hour|day  of an aggregation
${DATABASE}`,

  backup: `tidemark-indexer backup FILE [options]

Writes the database of a folder to a file. The indexer must not run. A Postgres is backed up by pg_dump.

${DATABASE}`,

  restore: `tidemark-indexer restore FILE [options]

Makes the database of a folder, which must have none, from what "backup" wrote. A Postgres is restored by pg_restore.

${DATABASE}`,
} as const;

export type Command = keyof typeof HELP;
