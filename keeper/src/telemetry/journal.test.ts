import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Action } from '../actions.ts';
import type { KeeperEvent } from '../events.ts';
import { earningsJson, earningsOf, earningsTable } from './earnings.ts';
import { Journal, JournalError, readJournal } from './journal.ts';

const WAD = 10n ** 18n;
const DAY = 1_700_006_400n;
const hash = (n: number) => `0x${String(n).padStart(64, '0')}` as const;
const settle = { key: 'settle 0 7', kind: 'settle', market: 0, batches: [[]] } as unknown as Action;
const appraise: Action = { key: 'appraise', kind: 'appraise' };

/** Costs 0.001 and 0.0005 ether, and brings $5. */
const inclusion = (event: 'included' | 'reverted', n: number, action = settle, block = 100n): KeeperEvent => ({
  event,
  action,
  hash: hash(n),
  block,
  gasUsed: 100_000n,
  l2Fee: WAD / 1000n,
  l1Fee: WAD / 2000n,
  reward: event === 'included' && action === settle ? 5n * WAD : 0n,
});

let folder: string;
let journal: Journal;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-journal-'));
  journal = new Journal(folder);
});
afterEach(() => {
  journal.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('Journal', () => {
  it('notes what a transaction cost and brought, readable at once', () => {
    journal.onEvent(inclusion('included', 1), DAY, 2_000n * WAD);
    expect(readJournal(folder)).toEqual([
      {
        event: 'included',
        time: Number(DAY),
        role: 'settler',
        kind: 'settle',
        key: 'settle 0 7',
        hash: hash(1),
        block: 100n,
        gasUsed: 100_000n,
        l2Fee: WAD / 1000n,
        l1Fee: WAD / 2000n,
        reward: 5n * WAD,
        ethPrice: 2_000n * WAD,
      },
    ]);
  });

  it('has a file for each day of chain time', () => {
    journal.onEvent(inclusion('included', 1), DAY - 1n, WAD);
    journal.onEvent(inclusion('included', 2), DAY, WAD);
    expect(readdirSync(folder)).toEqual(['2023-11-14.jsonl', '2023-11-15.jsonl']);
    expect(readJournal(folder).map((one) => one.hash)).toEqual([hash(1), hash(2)]);
  });

  it('passes over a line that was cut off, and goes on behind it', () => {
    journal.onEvent(inclusion('included', 1), DAY, WAD);
    journal.close();
    appendFileSync(join(folder, '2023-11-15.jsonl'), '{"event":"included","hash":"0x');
    journal = new Journal(folder);
    journal.onEvent(inclusion('included', 2), DAY, WAD);
    expect(readJournal(folder).map((one) => one.hash)).toEqual([hash(1), hash(2)]);
  });

  it('counts a transaction once, where it was seen last', () => {
    journal.onEvent(inclusion('included', 1), DAY, WAD);
    journal.onEvent(inclusion('reverted', 1, settle, 103n), DAY, WAD);
    expect(readJournal(folder)).toMatchObject([{ event: 'reverted', block: 103n }]);
  });

  it('corrects what a reorg has moved or taken back', async () => {
    for (const n of [1, 2, 3]) journal.onEvent(inclusion('included', n), DAY, WAD);
    const now = new Map([
      [hash(1), 100n],
      [hash(2), 104n],
    ]);
    await journal.correct(async (one) => now.get(one as never) ?? null);
    expect(readJournal(folder).map((one) => [one.hash, one.block])).toEqual([
      [hash(1), 100n],
      [hash(2), 104n],
    ]);
    // Included again after all.
    journal.onEvent(inclusion('included', 3, settle, 120n), DAY, WAD);
    expect(readJournal(folder)).toHaveLength(3);
  });

  it('notes a replacement, which costs nothing by itself', () => {
    journal.onEvent({ event: 'replaced', action: settle, hash: hash(1), by: hash(2), cancelled: false }, DAY, WAD);
    expect(readFileSync(join(folder, '2023-11-15.jsonl'), 'utf8')).toContain(hash(2));
    expect(readJournal(folder)).toEqual([]);
  });

  it('says where it cannot be', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => new Journal(join(folder, 'file'))).toThrow(JournalError);
    expect(() => readJournal(join(folder, 'none'))).toThrow(JournalError);
  });
});

describe('earnings', () => {
  beforeEach(() => {
    journal.onEvent(inclusion('included', 1), DAY, 2_000n * WAD);
    journal.onEvent(inclusion('reverted', 2), DAY, 2_000n * WAD);
    journal.onEvent(inclusion('included', 3, appraise), DAY, 0n);
    journal.onEvent(inclusion('included', 4), DAY + 2n * 86_400n, 1_000n * WAD);
  });

  it('are rewards less costs, by day and role', () => {
    const [settler, funding, later] = earningsOf(readJournal(folder));
    expect(settler).toEqual({
      day: '2023-11-15',
      role: 'settler',
      transactions: 2,
      reverted: 1,
      rewards: 5n * WAD,
      l2Costs: 4n * WAD,
      l1Costs: 2n * WAD,
      net: -WAD,
      unpriced: 0,
    });
    expect(funding).toMatchObject({ role: 'funding', transactions: 1, rewards: 0n, net: 0n, unpriced: 1 });
    expect(later).toMatchObject({ day: '2023-11-17', net: 35n * 10n ** 17n });
  });

  it('are of the last days only where that is asked', () => {
    const days = (count: number) => earningsOf(readJournal(folder), count).map(({ day }) => day);
    expect(days(1)).toEqual(['2023-11-17']);
    expect(days(2)).toEqual(['2023-11-17']);
    expect(days(3)).toEqual(['2023-11-15', '2023-11-15', '2023-11-17']);
  });

  it('are told to machines as decimal text, and to people as a table', () => {
    const earnings = earningsOf(readJournal(folder));
    expect(JSON.parse(earningsJson(earnings))[0]).toMatchObject({ role: 'settler', rewards: '5', net: '-1' });
    const lines = earningsTable(earnings).split('\n');
    expect(lines[1]).toMatch(/^2023-11-15 +settler +2 +1 +5\.0000 +4\.0000 +2\.0000 +-1\.0000$/);
    expect(lines.at(-1)).toContain('1 transactions');
    expect(earningsTable([])).toBe('The journal tells of no transaction.');
  });
});
