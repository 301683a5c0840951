import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import type { Hex } from 'viem';

// A folder as the order service wrote it before it could share a database: its statements, and rows that it wrote.

const STATEMENTS = [
  'create table migrations (number integer primary key)',
  `create table orders (
     id text primary key, owner text not null, account text not null, body jsonb not null, marks jsonb not null,
     status text not null, reason text, gone_block bigint, placed bigint generated always as identity,
     changed timestamptz not null default now()
   )`,
  "create index orders_live on orders (placed) where status <> 'gone'",
  "create index orders_gone on orders (gone_block) where status = 'gone'",
  'create table facts (name text primary key, value text not null)',
  'insert into migrations values (0)',
  "insert into facts values ('exchange', '901 0x2222222222222222222222222222222222222222'), ('scanned', '1234')",
];

const account = `0x${'33'.repeat(20)}${'00'.repeat(12)}`;
const words = {
  market: '1',
  account,
  extras: '1998000000000000000000',
  signature: `0x${'ab'.repeat(64)}`,
};

export const OLD_ORDERS = [
  {
    id: '0xa9b938f9a20cc0dfd9c8bab492ea7385ede9b010d12ff854f470d5546f8aa46e' as Hex,
    body: { ...words, terms: '3618502788666542483125923583651005882353016495877075422199457896213122453504' },
    marks: [],
    status: 'waiting',
    reason: null,
    goneBlock: null,
  },
  {
    id: '0x7d974fb6008356546fc94b9ac13f623072e444b7ea8a71919fc84f80f1dec39f' as Hex,
    body: {
      ...words,
      terms: '3618502788666953859265253885161544624648655833503321106165866291178959605760',
      byContract: true,
    },
    marks: [{ kind: 'committed', block: '1200', index: '7', turn: 0 }],
    status: 'committed',
    reason: null,
    goneBlock: null,
  },
  {
    id: '0xfb33dac66c7309b59f6c80d05deced96dcc640fa13484c5b42a1817693cb0047' as Hex,
    body: { ...words, terms: '3618502788667365235404584186672083366944295171129566790132274686144796758016' },
    marks: [{ kind: 'gone', block: null, reason: 'cancelled' }],
    status: 'gone',
    reason: 'cancelled',
    goneBlock: -1,
  },
  {
    id: '0xdcf3c50c5c646a463ae523876ecc99b9f065eaf74ade06cfc4d4e94f1a68b2be' as Hex,
    body: { ...words, terms: '3618502788667776611543914488182622109239934508755812474098683081110633910272' },
    marks: [
      { kind: 'committed', block: '1100', index: '3', turn: 0 },
      { kind: 'gone', block: '1150', reason: 'filled' },
    ],
    status: 'gone',
    reason: 'filled',
    goneBlock: 1150,
  },
] as const;

export const OLD_CHANGED = '2026-03-05T21:10:32.778+00:00';

export async function writeOldFolder(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const db = await PGlite.create(join(folder, 'database'));
  for (const statement of STATEMENTS) await db.query(statement);
  for (const { id, body, marks, status, reason, goneBlock } of OLD_ORDERS) {
    await db.query(
      `insert into orders (id, owner, account, body, marks, status, reason, gone_block, changed)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [id, account.slice(0, 42), account, body, marks, status, reason, goneBlock, OLD_CHANGED],
    );
  }
  await db.close();
}
