import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Entity } from '../../indexer/src/values.ts';
import { SCENES } from '../../sdk/test/differential/scenes.ts';
import { type History, history } from './history.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-subgraph-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const number = (entity: Entity, field: string) => entity[field] as bigint;
const text = (value: unknown) => String(value);

/** What the index says and the engine stores, side by side. */
function books({ replay, world: { engine } }: History) {
  const differences: string[] = [];
  const same = (what: string, told: unknown, stored: unknown) => {
    if (told !== stored) differences.push(`${what}: ${told} told, ${stored} stored`);
  };
  for (const [id, account] of engine.accounts) {
    const told = replay.get('Account', id.toLowerCase());
    same(`margin of ${id}`, told?.margin ?? 0n, account.margin);
    same(`markets of ${id}`, told?.openMarkets ?? 0n, account.markets);
    if (told) same(`sum of ${id}`, marginOf(told), account.margin);
  }
  for (const [key, position] of engine.positions) {
    const [account, market] = key.split('/');
    const sums = replay.get('AccountMarket', `${account?.toLowerCase()}-${market}`);
    const told = sums?.open ? replay.get('Position', text(sums.position)) : undefined;
    same(`size of ${key}`, told?.size ?? 0n, position.size);
    same(`cash of ${key}`, told?.cash ?? 0n, position.cash);
    if (told) same(`checkpoint of ${key}`, BigInt(told.checkpoint as number), position.checkpoint);
    if (told) same(`generation of ${key}`, BigInt(told.generation as number), position.generation);
  }
  for (const [id, market] of engine.markets) {
    const told = replay.get('Market', text(id));
    for (const field of Object.keys(market) as (keyof typeof market)[]) {
      same(`${field} of market ${id}`, told?.[field], market[field]);
    }
  }
  const protocol = replay.get('Protocol', '0');
  same('pool cash', protocol?.poolCash ?? 0n, engine.pool.cash);
  same('pool value', protocol?.poolValue ?? 0n, engine.pool.value);
  same('claims', protocol?.claims ?? 0n, engine.claims.outstanding);
  return differences;
}

/** As the schema says of `Account.margin`. */
function marginOf(account: Entity): bigint {
  const plus = ['deposited', 'movedIn', 'realised', 'credited', 'adjustments'];
  const minus = ['withdrawn', 'movedOut', 'fees', 'keeperFees', 'penalties', 'rewards', 'crystallised'];
  const sum = (fields: string[]) => fields.reduce((total, field) => total + number(account, field), 0n);
  return sum(plus) - sum(minus);
}

/** Changes whose cash is not what the schema says of them; by less than a unit where nothing stays open. */
function unexplained({ replay }: History): Entity[] {
  const before = new Map<string, bigint>();
  return replay.all('PositionChange').filter((change) => {
    const value = (field: string) => number(change, field);
    const position = text(change.position);
    const traded = value('sizeDelta') * value('funding') - value('cost') + value('moved');
    const expected = (before.get(position) ?? 0n) + traded - value('realised') * 10n ** 12n;
    before.set(position, value('cash'));
    const rest = expected - value('cash');
    return value('size') === 0n ? rest < 0n || rest >= 10n ** 12n : rest !== 0n;
  });
}

const isLong = process.env.TIDEMARK_LONG !== undefined;
const OPERATIONS = isLong ? 100 : 15;
/** All but the one that fills a queue of 1,024 batches, which takes as long as all others together; every third but for long runs. */
const scenes = SCENES.map(([scene], index) => ({ name: scene().name, index }))
  .filter(({ name }) => name !== 'full')
  .filter((_, place) => isLong || place % 3 === 1);

describe.each(scenes)('after the scene $name', ({ index }) => {
  test('the index has the words that the engine stores', { timeout: 120_000 }, async () => {
    const told = await history(index, index + 1, OPERATIONS, join(folder, String(index)));
    expect(books(told)).toEqual([]);
    expect(unexplained(told)).toEqual([]);
    expect(told.replay.missing()).toEqual([]);
  });
});
