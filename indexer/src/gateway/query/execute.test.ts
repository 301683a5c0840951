import { type Database, DatabaseFailedError } from '@tidemark/database';
import { extendSchema, type GraphQLObjectType, parse } from 'graphql';
import { beforeAll, expect, test } from 'vitest';
import { fixture, loadFixture } from '../../../test/conformance/query/fixture.ts';
import { testDatabase } from '../../../test/database.ts';
import type { Served } from '../../store/types.ts';
import { DEFAULT_LIMITS, execute, querySchema } from './index.ts';

const database = testDatabase();
let served: Served;
beforeAll(async () => {
  served = await loadFixture(database());
}, 60_000);

/** The same database, telling its statements first. */
const watched = (database: Database, watch: (sql: string) => void | Promise<void>): Database => ({
  ...database,
  read: async (sql, parameters) => {
    await watch(sql);
    return database.read(sql, parameters);
  },
});

test('A level costs one statement, however many entities it has', async () => {
  const statements: string[] = [];
  const database = watched(served.database, (sql) => {
    if (sql.startsWith('select') && !sql.includes('_blocks')) statements.push(sql);
  });
  const document =
    '{ markets { id trades(first: 10) { id account { id positions(first: 10) { id market { id } } } } } }';
  const { errors } = await execute({ served: { ...served, database }, document });
  expect(errors).toBeUndefined();
  expect(statements).toHaveLength(5);
});

test('It is told at which blocks a request was answered', async () => {
  const document = '{ a: markets { id } b: markets(block: { number: 12 }) { id } c: trades { id } }';
  const { blocks } = await execute({ served, document });
  expect([...blocks].sort((a, b) => Number(a.number - b.number))).toEqual([
    { number: 12n, hash: null },
    { number: 14n, hash: fixture.blocks[4]?.hash },
  ]);
});

test('A request is answered anew when its block was reorganised meanwhile', async () => {
  const head = fixture.blocks[4];
  if (!head) throw new Error('The fixture has no head.');
  let heads = [{ ...head, hash: '0xdead' }, { ...head, hash: '0xbeef' }, head];
  const standing = () => ({ ...served.standing(), head: heads[0] ?? null });
  let answers = 0;
  const database = watched(served.database, (sql) => {
    if (!sql.includes('_blocks')) return;
    answers += 1;
    // Asked for the hash of its head: the chain has gone on.
    heads = heads.slice(1);
  });
  const { data } = await execute({
    served: { ...served, database, standing },
    document: '{ market(id: "eth") { price } }',
  });
  expect(data).toEqual({ market: { price: '3100.25' } });
  expect(answers).toBe(3);
});

test('A request that is never answered before the next reorganisation is refused', async () => {
  const standing = () => ({ ...served.standing(), head: { ...fixture.blocks[4], hash: '0xdead' } as never });
  const { data, errors } = await execute({ served: { ...served, standing }, document: '{ markets { id } }' });
  expect(data).toBeUndefined();
  expect(errors?.[0]?.message).toMatch('Send it again');
});

test('A block that is pruned while it is read is refused', async () => {
  let earliest = 11n;
  const database = watched(served.database, () => {
    earliest = 13n;
  });
  const standing = () => ({ ...served.standing(), earliest });
  const document = '{ markets(block: { number: 12 }) { id } }';
  const { errors } = await execute({ served: { ...served, database, standing }, document });
  expect(errors?.[0]?.message).toMatch('only has data starting at block number 13');
});

test('Before the first block a request is refused', async () => {
  const standing = () => ({ ...served.standing(), head: null });
  const { errors } = await execute({ served: { ...served, standing }, document: '{ markets { id } }' });
  expect(errors?.[0]?.message).toMatch('has not started syncing yet');
});

test('A statement that costs too much is refused before it runs', async () => {
  const ran: string[] = [];
  const database = watched(served.database, (sql) => {
    if (sql.startsWith('select')) ran.push(sql);
  });
  const limits = { ...DEFAULT_LIMITS, cost: 1 };
  const { errors } = await execute({ served: { ...served, database }, document: '{ markets { id } }', limits });
  expect(errors?.[0]?.message).toMatch(/The request has \d+ units of cost in one statement.*of which 1 are allowed/);
  expect(ran).toEqual([]);
});

test('A condition on parts of a text costs what all rows do, as it may hold for none', async () => {
  const { database, namespace } = served;
  const table = `${namespace}."proposal_metadata"`;
  await database.query(`insert into ${table} select 'p' || n, 'Title ' || n, 12 from generate_series(1, 50000) n`);
  await database.query(`analyze ${table}`);
  const said = async (where: string) => {
    const limits = { ...DEFAULT_LIMITS, cost: 500 };
    const document = `{ proposalMetadata_collection(first: 1, where: ${where}) { id } }`;
    return (await execute({ served, document, limits })).errors?.map(({ message }) => message);
  };
  await database.query(`create index on ${table} (id)`);
  expect(await said('{ title_not: "Title 1" }')).toBeUndefined();
  expect(await said('{ title_contains: "Title" }')).toEqual([expect.stringMatching(/\d+ units of cost/)]);
  await database.query(`delete from ${table} where id like 'p%'`);
});

test('More entities than may come back are refused', async () => {
  const limits = { ...DEFAULT_LIMITS, entities: 8 };
  const { data, errors } = await execute({ served, document: '{ markets { id trades { id } } }', limits });
  expect(data).toBeUndefined();
  expect(errors?.[0]?.message).toBe('The request has 9 entities, of which 8 are allowed.');
});

test('A statement that took too long is an error of the request', async () => {
  const database = watched(served.database, (sql) => {
    if (sql.startsWith('select'))
      throw new DatabaseFailedError('canceled', Object.assign(new Error('canceled'), { code: '57014' }));
  });
  const { errors } = await execute({ served: { ...served, database }, document: '{ markets { id } }' });
  expect(errors?.[0]?.message).toMatch('took too long');
});

test('A database that fails is no error of the request', async () => {
  const database = watched(served.database, () => {
    throw new DatabaseFailedError('no connection');
  });
  await expect(execute({ served: { ...served, database }, document: '{ markets { id } }' })).rejects.toThrow(
    DatabaseFailedError,
  );
});

test('A subscription is answered as the query of its fields, of which it may have several', async () => {
  const { data, errors } = await execute({
    served,
    document: 'subscription { market(id: "eth") { price } trades(first: 1) { id } }',
  });
  expect(errors).toBeUndefined();
  expect(data).toEqual({ market: { price: '3100.25' }, trades: [{ id: '0x01' }] });
});

test('That indexing ended at a block is told, and what was indexed before is served', async () => {
  const standing = () => ({ ...served.standing(), failed: 'a handler failed' });
  const { data } = await execute({
    served: { ...served, standing },
    document: '{ _meta { hasIndexingErrors } market(id: "eth") { id } }',
  });
  expect(data).toEqual({ _meta: { hasIndexingErrors: true }, market: { id: 'eth' } });
});

test('Fields of an extension resolve themselves, without a statement when they are alone', async () => {
  const schema = extendSchema(querySchema(fixture.schema), parse('extend type Query { kept(id: Bytes!): String }'));
  const field = (schema.getType('Query') as GraphQLObjectType).getFields().kept;
  if (!field) throw new Error('The extension is missing.');
  field.resolve = (_, { id }, { address }) => `${id} for ${address}`;
  const context = { address: '127.0.0.1' };
  const statements: string[] = [];
  const database = watched(served.database, (sql) => void statements.push(sql));
  const alone = await execute({ served: { ...served, database }, schema, context, document: '{ kept(id: "0xAB") }' });
  expect(alone).toEqual({ data: { kept: '0xab for 127.0.0.1' }, blocks: [] });
  expect(statements).toEqual([]);
  const { data } = await execute({
    served,
    schema,
    context,
    document: '{ kept(id: "0xAB") market(id: "eth") { id } }',
  });
  expect(data).toEqual({ kept: '0xab for 127.0.0.1', market: { id: 'eth' } });
});
