// A double of a graph-node's endpoint for queries, in a process of its own: what the moving fixture holds, without subscriptions
// and without the gateway's additions to `_meta`. The parent moves its chain by messages.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { buildASTSchema, execute as executeLocally, parse, printSchema, validate, visit } from 'graphql';
import { execute, querySchema } from '../src/gateway/query/index.ts';
import { MovingFixture } from './movingFixture.ts';

/** What the parent asks for: each is answered by `done`. */
export type Move =
  | { readonly move: 'reprice'; readonly price: string }
  | { readonly move: 'advance' }
  | { readonly move: 'revertTo'; readonly number: number };

const served = await MovingFixture.open();
/** Fields of `_Meta_` that a graph-node does not have. */
const ADDITIONS = ['safe', 'finalized'];
const schema = buildASTSchema(
  visit(parse(printSchema(querySchema(served.schema))), {
    ObjectTypeDefinition: ({ name }) => (name.value === 'Subscription' ? null : undefined),
    FieldDefinition: ({ name }) => (ADDITIONS.includes(name.value) ? null : undefined),
  }),
);

const server = createServer(async (request, response) => {
  const answer = async () => {
    const { query, variables, operationName } = JSON.parse(await text(request));
    const document = parse(query);
    const errors = validate(schema, document);
    if (errors.length > 0) return { errors };
    if (query.includes('__schema')) return executeLocally({ schema, document });
    const { data, errors: failures } = await execute({ served, document: query, variables, operationName });
    return { data, errors: failures };
  };
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(await answer().catch((error) => ({ errors: [{ message: String(error.message) }] }))));
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));

process.on('message', async (move: Move) => {
  if (move.move === 'reprice') await served.reprice(move.price);
  else if (move.move === 'advance') await served.advance([]);
  else await served.revertTo(BigInt(move.number));
  process.send?.({ done: true });
});
process.on('disconnect', () => process.exit());
