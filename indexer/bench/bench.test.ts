import { readFileSync } from 'node:fs';
import { openDatabase } from '@tidemark/database';
import { describe, expect, it } from 'vitest';
import { readSchema } from '../src/build/schema.ts';
import { percentile } from './percentile.ts';
import { sampleDocuments } from './queries/documents.ts';
import { load } from './queries/load.ts';
import { measureQueries } from './queries/measure.ts';
import { type Measured, shortcomings } from './report.ts';

const RATE = { first: 1_500, warm: 1_500 };
const WITHIN: Measured = {
  ...{ events: 1, allEvents: 1, blocks: 1, runs: 3, trades: 1 },
  rates: [{ engine: 'PGlite', whole: RATE, cut: RATE, ponder: { first: 1_000, warm: 1_000 } }],
  delivery: { subscribers: 2, blocks: 3, results: 6, p50: 1, p95: 300 },
  queries: [{ engine: 'PGlite', times: [{ document: 'Markets', p50: 1, p95: 50, size: 1 }] }],
};

describe('bench of the indexer', { timeout: 60_000 }, () => {
  it('loads what every document of the SDK finds something of', async () => {
    const schema = readSchema(readFileSync(new URL('../../subgraph/schema.graphql', import.meta.url), 'utf8'));
    const size = { trades: 400, accounts: 40, blocks: 130 };
    const database = await openDatabase({ folder: null }, 'indexer');
    const id = `0x${'be'.repeat(32)}`;
    const store = await load(database, schema, id, size);
    expect(store.head?.number).toBe(130n);
    const times = await measureQueries({ database, schema, id, store }, sampleDocuments(size), 1);
    expect(times).toHaveLength(10);
    for (const { size } of times) expect(size).toBeGreaterThan(200);
    await database.close();
  });

  it.each<[string, Partial<Measured>]>([
    ['an indexer that is too slow', { rates: [{ ...WITHIN.rates[0], whole: { first: 1_500, warm: 1_490 } }] as never }],
    ['results that come late', { delivery: { ...WITHIN.delivery, p95: 300.1 } }],
    ['results that do not come', { delivery: { ...WITHIN.delivery, results: 5 } }],
    [
      'a slow document',
      { queries: [{ engine: 'PGlite', times: [{ document: 'Vault', p50: 1, p95: 50.1, size: 1 }] }] },
    ],
  ])('fails by %s', (_, broken) => {
    expect(shortcomings(WITHIN)).toEqual([]);
    expect(shortcomings({ ...WITHIN, ...broken })).toHaveLength(1);
  });

  it('takes percentiles by the nearest rank', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect([percentile(values, 0.5), percentile(values, 0.95), percentile([7], 0.95)]).toEqual([50, 95, 7]);
    expect(() => percentile([], 0.5)).toThrow();
  });
});
