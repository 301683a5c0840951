// What requests like the application's take over 1,000,000 trades, on a Postgres and on PGlite in memory:
// `npx tsx indexer/bench/queries.ts [--trades N] [--runs N] [--engine pglite|postgres]`
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { type Database, openDatabase } from '@tidemark/database';
import { type EntityType, type Field, readSchema } from '../src/build/schema.ts';
import { execute } from '../src/gateway/query/index.ts';
import { columnOf, isStored, isVersioned, namespaceOf, tableOf } from '../src/store/layout.ts';
import { openStore } from '../src/store/openStore.ts';
import type { Block, Served } from '../src/store/types.ts';
import { startPostgres } from '../test/postgres.ts';

const { values: options } = parseArgs({
  options: {
    trades: { type: 'string', default: '1000000' },
    runs: { type: 'string', default: '40' },
    engine: { type: 'string' },
  },
});
const TRADES = Number(options.trades);
const RUNS = Number(options.runs);
/** Whose versions are kept. */
const BLOCKS = 50_000;
const ID = `0x${'be'.repeat(32)}`;
const NAMESPACE = namespaceOf(ID);
const SCHEMA = readSchema(readFileSync(new URL('../../subgraph/schema.graphql', import.meta.url), 'utf8'));
/** Rows that one statement inserts. */
const CHUNK = 100_000;
/** Seconds. */
const [START, DAY] = [1_700_000_000, 86_400];

interface Size {
  readonly entities: number;
  /** That each has had within the blocks that are kept. */
  readonly versions: number;
}

const scaled = (share: number, versions = 1): Size => ({
  entities: Math.max(20, Math.round(TRADES * share)),
  versions,
});
const SIZES: ReadonlyMap<string, Size> = new Map([
  ['Market', { entities: 10, versions: 10_000 }],
  ['Account', scaled(0.02, 10)],
  ['AccountPeriodStat', scaled(0.06, 4)],
  ['Position', scaled(0.1, 4)],
  ['Candle', scaled(0.06, 4)],
  ['PriceUpdate', scaled(0.25)],
  ['Trade', scaled(1)],
]);

/** What looks random, the same each time. @param index SQL of a number. */
const mixed = (seed: number, index: string) => `abs(hashint8extended((${index})::bigint, ${seed}))`;

function idSql(type: EntityType, index: string): string {
  if (type.name === 'Market') return `(${index})::text`;
  const { scalar } = type.fields.find(({ name }) => name === 'id') ?? {};
  if (scalar === 'Bytes') return `'0x' || lpad(to_hex((${index})::bigint), 40, '0')`;
  return scalar === 'Int8' ? `(${index})::bigint` : `'${type.name}-' || (${index})`;
}

/** SQL of a field's value in the entity number `i`. */
function valueSql(type: EntityType, field: Field, seed: number): string {
  const random = mixed(seed, 'i');
  const target = SCHEMA.types.get(field.target ?? '');
  if (field.name === 'id') return idSql(type, 'i');
  if (field.list) return `'{}'`;
  if (target) return idSql(target, `${random} % ${SIZES.get(target.name)?.entities ?? 1}`);
  if (type.name === 'AccountPeriodStat' && field.name === 'period') return `(array['all', 'day', 'week'])[1 + i % 3]`;
  if (type.name === 'AccountPeriodStat' && field.name === 'start') {
    return `case when i % 3 = 0 then 0 else ${START - (START % DAY)} + ${DAY} * (i % 30) end`;
  }
  if (field.enumName) {
    const values = (SCHEMA.enums.get(field.enumName) ?? []).map((value) => `'${value}'`);
    return `(array[${values.join()}])[1 + ${random} % ${values.length}]`;
  }
  if (field.name === 'sequence') return 'i';
  if (field.name === 'timestamp' || field.name === 'changedAt') return `${START} + i`;
  if (field.name === 'start') return `${START} + i - i % 60`;
  if (field.scalar === 'Boolean') return `${random} % 20 = 0`;
  if (field.scalar === 'Int') return `(${random} % 1000)::integer`;
  if (field.scalar === 'BigInt' || field.scalar === 'BigDecimal') return `(${random} % 1000000000)::numeric * 10 ^ 12`;
  return field.scalar === 'Int8' || field.scalar === 'Timestamp' ? 'i' : `'0x' || lpad(to_hex(${random}), 40, '0')`;
}

/** Without indexes while they are filled, which are quicker made at once. */
async function fill({ query }: Database): Promise<void> {
  const schema = NAMESPACE.replaceAll('"', '');
  const indexes = await query(`select * from pg_indexes where schemaname = $1 and indexname like '\\_i\\_%'`, [schema]);
  for (const { indexname } of indexes) await query(`drop index ${NAMESPACE}."${indexname}"`);
  for (const [name, { entities, versions }] of SIZES) {
    const type = SCHEMA.types.get(name);
    if (!type) throw new Error(`The subgraph has no ${name}.`);
    const fields = type.fields.filter(isStored);
    const from = isVersioned(type) ? `1 + v * ${BLOCKS} / ${versions}` : `1 + i * ${BLOCKS} / ${entities}`;
    const to = `case when v < ${versions - 1} then 1 + (v + 1) * ${BLOCKS} / ${versions} end`;
    const columns = [...fields.map(columnOf), '_from', ...(isVersioned(type) ? ['_to'] : [])];
    const values = [...fields.map((field, seed) => valueSql(type, field, seed)), from, to].slice(0, columns.length);
    for (let start = 0; start < entities * versions; start += CHUNK) {
      const end = Math.min(start + CHUNK, entities * versions) - 1;
      await query(
        `insert into ${NAMESPACE}.${tableOf(type)} (${columns.join()}) select ${values.join()} from
          (select g / ${versions}::bigint as i, g % ${versions} as v from generate_series(${start}::bigint, ${end}) g) s`,
      );
    }
  }
  for (const { indexdef } of indexes) await query(String(indexdef));
  await query('analyze');
}

interface Asked {
  readonly document: string;
  readonly variables?: (run: number) => Readonly<Record<string, unknown>>;
}

const account = (run: number) => ({ account: `0x${(run * 37).toString(16).padStart(40, '0')}` });
const market = (run: number) => ({ market: `${run % 10}` });
/** Days whose leaderboards there are. */
const day = (run: number) => ({ start: START - (START % DAY) + DAY * (1 + 3 * (run % 10)) });
const newest = 'orderBy: sequence, orderDirection: desc';
const ranked = 'orderBy: netProfit, orderDirection: desc, first: 100';

const REQUESTS: Readonly<Record<string, Asked>> = {
  'trades of an account, newest first': {
    document: `query Q($account: String) { trades(where: { account: $account }, ${newest}) { id market { id } side price fee timestamp update { index } } }`,
    variables: account,
  },
  'trades of a market, newest first': {
    document: `query Q($market: String) { trades(where: { market: $market }, ${newest}) { id account { id } side price notional timestamp } }`,
    variables: market,
  },
  'candles of a market': {
    document: `query Q($market: String, $before: BigInt) { candles(where: { market: $market, interval: minute, start_lt: $before }, orderBy: start, orderDirection: desc, first: 500) { start open high low close volume } }`,
    variables: (run) => ({ ...market(run), before: START + 30_000 + run }),
  },
  'leaderboard of all time': {
    document: `{ accountPeriodStats(where: { period: all, start: "0" }, ${ranked}) { account { id owner } netProfit volume tradeCount } }`,
  },
  'leaderboard of a day': {
    document: `query Q($start: BigInt) { accountPeriodStats(where: { period: day, start: $start }, ${ranked}) { account { id owner } netProfit volume } }`,
    variables: day,
  },
  'open positions of an account and their trades': {
    document: `query Q($account: ID!) { account(id: $account) { margin positions(where: { open: true }, first: 64) { id size market { index } trades(first: 20, ${newest}) { id price } } } }`,
    variables: account,
  },
  'open positions of a market and their trades': {
    document: `query Q($market: String) { positions(where: { market: $market, open: true }, first: 50) { id size account { id } trades(first: 20) { id price } } }`,
    variables: market,
  },
  markets: {
    document: '{ markets(first: 64, orderBy: number) { id index mark longs shorts } _meta { block { number hash } } }',
  },
  'markets long ago': {
    document: 'query Q($block: Int) { markets(first: 64, orderBy: number, block: { number: $block }) { id index } }',
    variables: (run) => ({ block: 10_000 + run }),
  },
  'trades by their account’s owner': {
    document: 'query Q($account: Bytes) { trades(where: { account_: { owner: $account } }) { id } }',
    variables: account,
  },
  'trades by a part of a text, refused': {
    document: 'query Q($part: Bytes) { trades(where: { transaction_contains: $part }) { id } }',
    variables: (run) => ({ part: `0xabab${run + 10}` }),
  },
};

async function measure(engine: string, database: Database): Promise<void> {
  await openStore({ database, schema: SCHEMA, id: ID });
  await fill(database);
  const head: Block = { number: BigInt(BLOCKS), hash: '0x01', parentHash: '0x00', time: BigInt(START) };
  await database.query(`insert into ${NAMESPACE}._blocks values ($1::bigint, '0x01', '0x00', $2::bigint)`, [
    String(head.number),
    String(head.time),
  ]);
  const served: Served = {
    id: ID,
    schema: SCHEMA,
    database,
    namespace: NAMESPACE,
    standing: () => ({ head, earliest: 0n, chain: null, failed: null }),
    subscribe: () => () => {},
  };
  for (const [name, { document, variables }] of Object.entries(REQUESTS)) {
    const times: number[] = [];
    let answer = '';
    for (let run = 0; run < RUNS; run++) {
      const started = performance.now();
      const { data, errors } = await execute({ served, document, variables: variables?.(run) });
      times.push(performance.now() - started);
      answer = errors?.[0]?.message ?? `${JSON.stringify(data).length} bytes`;
    }
    times.sort((a, b) => a - b);
    const [p50, p95] = [0.5, 0.95].map((share) => times[Math.floor(times.length * share)]?.toFixed(1).padStart(8));
    console.log(`${engine.padEnd(8)} ${name.padEnd(46)} p50 ${p50} ms  p95 ${p95} ms  ${answer}`);
  }
}

if (options.engine !== 'pglite') {
  const postgres = await startPostgres();
  const database = await openDatabase({ postgres: await postgres.createDatabase() }, 'indexer');
  await measure('Postgres', database).finally(() => database.close());
  await postgres.stop();
}
if (options.engine !== 'postgres') {
  const database = await openDatabase({ folder: null }, 'indexer');
  await measure('PGlite', database).finally(() => database.close());
}
