import type { Database } from '@tidemark/database';
import { type EntityType, readSchema } from '../../../src/build/schema.ts';
import { columnOf, isStored, isVersioned, namespaceOf, SQL_TYPES, tableOf } from '../../../src/store/layout.ts';
import type { Block, Served } from '../../../src/store/types.ts';

/** A row as it lies in its table: fields by name, and the blocks from and to which it stands. */
type Row = Readonly<Record<string, unknown>> & { readonly _from: number; readonly _to?: number };

const SOURCE = `
enum Side { SHORT LONG }

"What is traded."
type Market @entity(immutable: false) {
  id: String!
  "For people to read."
  name: String!
  price: BigDecimal!
  skew: BigInt!
  open: Boolean!
  tags: [String!]!
  limits: [BigInt!]
  decimals: Int
  closedAt: Int8
  positions: [Position!]! @derivedFrom(field: "market")
  trades: [Trade!]! @derivedFrom(field: "market")
  followers: [Account!]! @derivedFrom(field: "markets")
  listing: Listing @derivedFrom(field: "market")
}

type Account @entity(immutable: false) {
  id: Bytes!
  volume: BigInt!
  label: String
  markets: [Market!]!
  referrer: Account
  positions: [Position!]! @derivedFrom(field: "account")
  trades: [Trade!]! @derivedFrom(field: "account")
}

type Position @entity(immutable: false) {
  id: Bytes!
  account: Account!
  market: Market!
  side: Side!
  size: BigInt!
  entry: BigDecimal!
  opened: Timestamp!
  closed: Timestamp
}

type Trade @entity(immutable: true) {
  id: Bytes!
  account: Account!
  market: Market!
  side: Side!
  size: BigInt!
  price: BigDecimal!
  logIndex: Int!
  time: Int8!
  memo: String
  data: Bytes!
  liquidation: Boolean!
}

type Listing @entity(immutable: true) { id: ID! market: Market! note: String }

type Volume @entity(timeseries: true) { id: Int8! timestamp: Timestamp! market: Market! amount: BigDecimal! }

type VolumeStat @aggregation(intervals: ["hour", "day"], source: "Volume") {
  id: Int8!
  timestamp: Timestamp!
  market: Market!
  total: BigDecimal! @aggregate(fn: "sum", arg: "amount")
  count: Int8! @aggregate(fn: "count")
  lifetime: BigDecimal! @aggregate(fn: "sum", arg: "amount", cumulative: true)
}

type ProposalMetadata @entity(immutable: true) { id: String! title: String! }
`;

/** An hour's first second. */
const HOUR = 1_700_002_800;
const hash = (number: number) => `0x${`${number}`.padStart(64, '0')}`;
const block = (number: number, time: number): Block => ({
  number: BigInt(number),
  hash: hash(number),
  parentHash: hash(number - 1),
  time: BigInt(time),
});

const BIG = '123456789012345678901234567890';
const eth = {
  name: 'Ether',
  open: true,
  tags: ['major', 'l1'],
  limits: ['1', '1000000000000000000000000'],
  decimals: 18,
};
const doge = { name: 'Dogecoin', price: '0.1', skew: '0', limits: [], decimals: 8 };
const alice = { label: 'Alice', markets: ['eth', 'btc'], referrer: null };
const position = (id: string, account: string, market: string, side: string) => ({ id, account, market, side });
const trade = (id: string, account: string, market: string, side: string) => ({ id, account, market, side });

/** A small subgraph of every kind of field, at block 14, without what was before block 11. */
export const fixture = {
  schema: readSchema(SOURCE),
  source: SOURCE,
  id: `0x${'5e'.repeat(32)}`,
  earliest: 11n,
  chain: { latest: 15n, safe: 13n, finalized: 12n },
  blocks: [
    block(10, HOUR),
    block(11, HOUR + 600),
    block(12, HOUR + 1200),
    block(13, HOUR + 3660),
    block(14, HOUR + 7230),
  ],
  tables: [
    {
      type: 'Market',
      rows: [
        { id: 'eth', ...eth, price: '3000.5', skew: '0', _from: 11, _to: 13 },
        { id: 'eth', ...eth, price: '3100.25', skew: '-5', _from: 13 },
        { id: 'btc', name: 'Bitcoin', price: '60000', skew: '10', open: true, tags: ['major'], decimals: 8, _from: 11 },
        { id: 'doge', ...doge, open: true, tags: ['meme'], _from: 12, _to: 14 },
        { id: 'doge', ...doge, open: false, tags: [], closedAt: '1700000000', _from: 14 },
        { id: 'old', name: 'Old', price: '1', skew: '0', open: false, tags: ['meme'], _from: 11, _to: 12 },
      ],
    },
    {
      type: 'Account',
      rows: [
        { id: '0x0a', ...alice, volume: '0', _from: 11, _to: 12 },
        { id: '0x0a', ...alice, volume: '1000', _from: 12, _to: 13 },
        { id: '0x0a', ...alice, volume: BIG, _from: 13 },
        { id: '0x0b', label: 'bob_1', markets: ['doge', 'eth'], referrer: '0x0a', volume: '50', _from: 12 },
        { id: '0x0c', label: null, markets: [], referrer: '0x0b', volume: '50', _from: 13 },
      ],
    },
    {
      type: 'Position',
      rows: [
        {
          ...position('0x0a01', '0x0a', 'eth', 'LONG'),
          size: '10',
          entry: '3000.5',
          opened: '1700004000000000',
          _from: 12,
          _to: 13,
        },
        {
          ...position('0x0a01', '0x0a', 'eth', 'LONG'),
          size: '15',
          entry: '3033.75',
          opened: '1700004000000000',
          _from: 13,
        },
        {
          ...position('0x0a02', '0x0a', 'btc', 'SHORT'),
          size: '3',
          entry: '59000.125',
          opened: '1700006460000000',
          _from: 13,
        },
        {
          ...position('0x0b01', '0x0b', 'eth', 'SHORT'),
          size: '7',
          entry: '3001',
          opened: '1700004000000000',
          _from: 12,
          _to: 14,
        },
        {
          ...position('0x0b01', '0x0b', 'eth', 'SHORT'),
          size: '0',
          entry: '3001',
          opened: '1700004000000000',
          closed: '1700010030000000',
          _from: 14,
        },
        {
          ...position('0x0c01', '0x0c', 'doge', 'LONG'),
          size: '1000000000000000000000',
          entry: '0.1',
          opened: '1700010030000000',
          _from: 14,
        },
      ],
    },
    {
      type: 'Trade',
      rows: [
        {
          ...trade('0x01', '0x0a', 'eth', 'LONG'),
          size: '10',
          price: '3000.50',
          logIndex: 0,
          time: '1700004000',
          memo: 'open',
          data: '0x',
          liquidation: false,
          _from: 12,
        },
        {
          ...trade('0x02', '0x0b', 'eth', 'SHORT'),
          size: '7',
          price: '3001',
          logIndex: 1,
          time: '1700004000',
          memo: 'Open50',
          data: '0xabcd',
          liquidation: false,
          _from: 12,
        },
        {
          ...trade('0x03', '0x0a', 'eth', 'LONG'),
          size: '5',
          price: '3100.25',
          logIndex: 0,
          time: '1700006460',
          memo: null,
          data: '0x00abcd',
          liquidation: false,
          _from: 13,
        },
        {
          ...trade('0x04', '0x0a', 'btc', 'SHORT'),
          size: '3',
          price: '59000.125',
          logIndex: 2,
          time: '1700006460',
          memo: 'hedge',
          data: '0x0abc',
          liquidation: false,
          _from: 13,
        },
        {
          ...trade('0x05', '0x0b', 'eth', 'LONG'),
          size: '7',
          price: '3100.25',
          logIndex: 0,
          time: '1700010030',
          memo: 'close',
          data: '0xff',
          liquidation: true,
          _from: 14,
        },
        {
          ...trade('0x06', '0x0c', 'doge', 'LONG'),
          size: '1000000000000000000000',
          price: '0.1',
          logIndex: 1,
          time: '1700010030',
          memo: 'OPEN',
          data: '0xab',
          liquidation: false,
          _from: 14,
        },
      ],
    },
    {
      type: 'Listing',
      rows: [
        { id: 'L1', market: 'eth', note: 'first', _from: 11 },
        { id: 'L2', market: 'doge', note: null, _from: 12 },
        { id: 'L3', market: 'doge', note: 'again', _from: 13 },
        { id: 'L4', market: 'gone', note: 'of nothing', _from: 13 },
      ],
    },
    {
      type: 'Volume',
      rows: [
        { id: '1', timestamp: '1700004000000000', market: 'eth', amount: '10.5', _from: 12 },
        { id: '2', timestamp: '1700004000000000', market: 'eth', amount: '7', _from: 12 },
        { id: '3', timestamp: '1700006460000000', market: 'eth', amount: '5.25', _from: 13 },
        { id: '4', timestamp: '1700006460000000', market: 'btc', amount: '3', _from: 13 },
        { id: '5', timestamp: '1700010030000000', market: 'eth', amount: '7', _from: 14 },
      ],
    },
    {
      type: 'VolumeStat',
      interval: 'hour',
      rows: [
        {
          id: '2',
          timestamp: '1700002800000000',
          market: 'eth',
          total: '17.5',
          count: '2',
          lifetime: '17.5',
          _from: 13,
        },
        {
          id: '3',
          timestamp: '1700006400000000',
          market: 'eth',
          total: '5.25',
          count: '1',
          lifetime: '22.75',
          _from: 14,
        },
        { id: '4', timestamp: '1700006400000000', market: 'btc', total: '3', count: '1', lifetime: '3', _from: 14 },
      ],
    },
    {
      type: 'VolumeStat',
      interval: 'day',
      rows: [
        {
          id: '2',
          timestamp: '1699920000000000',
          market: 'eth',
          total: '17.5',
          count: '2',
          lifetime: '17.5',
          _from: 13,
        },
      ],
    },
    { type: 'ProposalMetadata', rows: [{ id: 'bafy', title: 'Lower the fee', _from: 12 }] },
  ] satisfies readonly { type: string; interval?: 'hour' | 'day'; rows: readonly Row[] }[],
};

/** Writes the fixture into an empty database, and hands out what a gateway serves of it. */
export async function loadFixture(database: Database): Promise<Served> {
  const namespace = namespaceOf(fixture.id);
  await database.query(`create schema ${namespace}`);
  await database.query(
    `create table ${namespace}._blocks (number bigint primary key, hash text, parent text, time bigint)`,
  );
  for (const { number, hash, parentHash, time } of fixture.blocks) {
    await database.query(`insert into ${namespace}._blocks values ($1::bigint, $2, $3, $4::bigint)`, [
      String(number),
      hash,
      parentHash,
      String(time),
    ]);
  }
  for (const { type, interval, rows } of fixture.tables as readonly {
    type: string;
    interval?: 'hour' | 'day';
    rows: readonly Row[];
  }[]) {
    const entity = fixture.schema.types.get(type);
    if (!entity) throw new Error(`The fixture has no type ${type}.`);
    const table = `${namespace}.${tableOf(entity, interval)}`;
    await database.query(
      `create table ${table} (${columns(entity)
        .map(([name, sql]) => `${name} ${sql}`)
        .join(', ')})`,
    );
    for (const row of rows) await insert(database, table, entity, row);
  }
  return {
    id: fixture.id,
    schema: fixture.schema,
    database,
    namespace,
    standing: () => ({
      head: fixture.blocks.at(-1) ?? null,
      earliest: fixture.earliest,
      chain: fixture.chain,
      failed: null,
    }),
    subscribe: () => () => {},
  };
}

function columns(type: EntityType): [string, string][] {
  const stored = type.fields.filter(isStored).map((field): [string, string] => {
    const sql = SQL_TYPES[field.scalar];
    return [columnOf(field), field.list ? sql.replace(/^\w+/, '$&[]') : sql];
  });
  return [...stored, ['_from', 'bigint'], ...(isVersioned(type) ? ([['_to', 'bigint']] as [string, string][]) : [])];
}

async function insert(database: Database, table: string, type: EntityType, row: Row): Promise<void> {
  const values = [...type.fields.filter(isStored).map(({ name }) => row[name] ?? null), row._from];
  if (isVersioned(type)) values.push(row._to ?? null);
  const types = columns(type).map(([, sql], index) => `$${index + 1}::${sql.replace(/ collate "C"/, '')}`);
  await database.query(`insert into ${table} values (${types.join(', ')})`, values);
}
