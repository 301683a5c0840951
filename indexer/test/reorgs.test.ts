import { afterEach, describe, expect, it } from 'vitest';
import { openEmpty } from '../../database/test/empty.ts';
import { Chain } from '../src/chain/chain.ts';
import { Files } from '../src/ipfs/files.ts';
import { Indexing } from '../src/run/indexing.ts';
import { namespaceOf } from '../src/store/layout.ts';
import { openStore } from '../src/store/openStore.ts';
import { ChainDouble, type DoubleLog, moved } from './chainDouble.ts';
import { generator } from './generator.ts';
import { BOOK, movesBuild, movesMappings } from './movesBuild.ts';
import { settled } from './settled.ts';

const ending: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

/** Indexes into a database of its own, in memory. */
async function index(url: string) {
  const database = await openEmpty();
  const { id, schema } = movesBuild;
  const store = await openStore({ database, schema, id });
  const indexing = new Indexing({
    ...{ build: movesBuild, store, mappings: () => movesMappings, pollMs: 1 },
    ...{ onWarning: () => {}, onLog: () => {}, onProgress: () => {} },
    chain: new Chain({ urls: [url], onWarning: () => {} }),
    files: new Files({ get: async () => new Uint8Array() }, () => {}),
  });
  indexing.start();
  ending.push(async () => {
    await indexing.stop();
    await database.close();
  });
  /** All versions of all entities, and the last blocks. */
  const rows = async () => ({
    totals: await database.query(`select * from ${namespaceOf(id)}.total order by id, _from`),
    blocks: await database.query(`select number, hash from ${namespaceOf(id)}._blocks order by number desc limit 20`),
  });
  return { store, rows };
}

/** Seeds, and reorganisations of each. */
const [SEEDS, ROUNDS] = process.env.TIDEMARK_LONG ? [10, 30] : [1, 3];
const seeds = Array.from({ length: SEEDS }, (_, i) => 11 + i);

describe('a database', { timeout: 600_000 }, () => {
  it.each(seeds)(
    'equals that of a fresh sync, row for row, after reorganisations of 1 to 64 blocks, seed %i',
    async (seed) => {
      const random = generator(seed);
      const logs = (): DoubleLog[] =>
        Array.from({ length: random(3) }, () => moved(BOOK, BigInt(random(4)), BigInt(random(200) - 100)));
      const chain = new ChainDouble();
      const url = await chain.start();
      ending.push(() => chain.end());
      for (let i = 0; i < 66; i++) chain.mine(logs());
      const lived = await index(url);
      await settled(chain, lived.store);
      for (let round = 0; round < ROUNDS; round++) {
        const depth = 1 + random(64);
        const blocks = Array.from({ length: depth + random(3) }, logs);
        chain.reorganise(depth, blocks);
        if (random(2) === 0) await settled(chain, lived.store);
      }
      await settled(chain, lived.store);
      const fresh = await index(url);
      await settled(chain, fresh.store);
      expect(await lived.rows()).toEqual(await fresh.rows());
      expect((await lived.rows()).totals.length).toBeGreaterThan(20);
    },
  );
});
