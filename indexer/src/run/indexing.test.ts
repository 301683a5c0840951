import { afterEach, describe, expect, it } from 'vitest';
import { ChainDouble, type DoubleLog, moved, opened } from '../../test/chainDouble.ts';
import { generator } from '../../test/generator.ts';
import { MemoryStore } from '../../test/memoryStore.ts';
import { BOOK, movesBuild, movesMappings, NOTE, OTHER_BOOK } from '../../test/movesBuild.ts';
import { settled } from '../../test/settled.ts';
import { Chain } from '../chain/chain.ts';
import { Files } from '../ipfs/files.ts';
import { HandlerFailed, type Mappings } from '../wasm/host.ts';
import { Indexing } from './indexing.ts';

const ending: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

async function startDouble() {
  const chain = new ChainDouble();
  const url = await chain.start();
  ending.push(() => chain.end());
  return { chain, url };
}

function startIndexing(
  url: string,
  { mappings = movesMappings, store = new MemoryStore(), file = Promise.resolve(new Uint8Array(3)) } = {},
) {
  const warnings: string[] = [];
  const onWarning = (line: string) => void warnings.push(line);
  const indexing = new Indexing({
    ...{ build: movesBuild, store, mappings: () => mappings, pollMs: 1, onWarning },
    chain: new Chain({ urls: [url], onWarning }),
    files: new Files({ get: () => file }, onWarning),
    onLog: () => {},
    onProgress: () => {},
  });
  indexing.start();
  ending.push(() => indexing.stop());
  return { indexing, store, warnings };
}

/** Finds once that a block can never be written, and forgets it with all above it. */
class RefusingStore extends MemoryStore {
  #refused: bigint | null;

  constructor(refused: bigint) {
    super();
    this.#refused = refused;
  }

  override async flush(): Promise<void> {
    const refused = this.#refused;
    if (refused === null || (await this.hashOf(refused)) === null) return super.flush();
    this.#refused = null;
    await this.revertTo(refused - 1n);
    throw new HandlerFailed('written again');
  }
}

/** What an index of its own makes of a chain as it stands. */
async function freshRows(chain: ChainDouble, url: string): Promise<string[]> {
  const { indexing, store } = startIndexing(url);
  await indexing.reached(BigInt(chain.head.number));
  await indexing.stop();
  return store.rows;
}

function randomLogs(random: (below: number) => number): DoubleLog[] {
  return Array.from({ length: random(4) }, () => moved(BOOK, BigInt(random(5)), BigInt(random(200) - 100)));
}

describe('an indexing', { timeout: 60_000 }, () => {
  it('handles every log once, far behind and at the head', async () => {
    const { chain, url } = await startDouble();
    for (let i = 0; i < 100; i++) chain.mine([moved(BOOK, 1n, 1n), moved(BOOK, 2n, -1n)]);
    const { indexing, store } = startIndexing(url);
    await indexing.reached(100n);
    chain.mine([moved(BOOK, 1n, 5n)]);
    await indexing.reached(101n);
    expect(store.rows).toEqual([`Total ${BOOK} 1 105`, `Total ${BOOK} 2 -100`]);
  });

  it('bisects what a node refuses', async () => {
    const { chain, url } = await startDouble();
    for (let i = 0; i < 200; i++) chain.mine([moved(BOOK, 1n, 1n)]);
    chain.answer = ({ method, params }) => {
      const { fromBlock, toBlock } = (params?.[0] ?? {}) as { fromBlock?: string; toBlock?: string };
      if (method !== 'eth_getLogs' || Number(toBlock) - Number(fromBlock) < 10 || !fromBlock) return undefined;
      throw new Error('query returned more than 10 results');
    };
    const { indexing, store, warnings } = startIndexing(url);
    await indexing.reached(200n);
    expect([store.rows, warnings]).toEqual([[`Total ${BOOK} 1 200`], []]);
  });

  it('shows a created source the rest of its block and all that follows', async () => {
    const { chain, url } = await startDouble();
    chain.mine([moved(OTHER_BOOK, 1n, 1n)]);
    chain.mine([opened(BOOK, OTHER_BOOK), moved(OTHER_BOOK, 1n, 10n), opened(BOOK, OTHER_BOOK)]);
    for (let i = 0; i < 100; i++) chain.mine([moved(OTHER_BOOK, 1n, 100n)]);
    const { indexing, store } = startIndexing(url);
    await indexing.reached(102n);
    expect(store.rows).toEqual([`Total ${OTHER_BOOK} 1 10010`]);
    expect(store.sources.length).toBe(1);
  });

  it('equals a fresh one after reorganisations of 1 to 64 blocks', async () => {
    const { chain, url } = await startDouble();
    const random = generator(7);
    for (let i = 0; i < 70; i++) chain.mine(randomLogs(random));
    const { store } = startIndexing(url);
    for (let round = 0; round < 12; round++) {
      const depth = 1 + random(64);
      chain.reorganise(
        depth,
        Array.from({ length: depth + random(3) }, () => randomLogs(random)),
      );
      // Sometimes another one comes while the last is being followed.
      if (random(2) === 0) await settled(chain, store);
    }
    chain.mine(randomLogs(random));
    await settled(chain, store);
    expect(store.rows).toEqual(await freshRows(chain, url));
  });

  it('notices during a sync that the end of a range is gone', async () => {
    const { chain, url } = await startDouble();
    for (let i = 0; i < 200; i++) chain.mine([moved(BOOK, 1n, 1n)]);
    let replaced = false;
    chain.answer = ({ method }) => {
      if (method !== 'eth_getLogs' || replaced) return undefined;
      replaced = true;
      chain.reorganise(
        100,
        Array.from({ length: 101 }, () => [moved(BOOK, 1n, 2n)]),
      );
      return undefined;
    };
    const { indexing, store } = startIndexing(url);
    await indexing.reached(201n);
    expect(store.rows).toEqual(await freshRows(chain, url));
  });

  it('gives a file to its handler in the block at which it arrives, and again when that block is gone', async () => {
    const { chain, url } = await startDouble();
    chain.mine([moved(BOOK, 7n, 1n)]);
    let arrive: (content: Uint8Array<ArrayBuffer>) => void = () => {};
    const file = new Promise<Uint8Array<ArrayBuffer>>((resolve) => {
      arrive = resolve;
    });
    const { indexing, store } = startIndexing(url, { file });
    await indexing.reached(1n);
    expect(indexing.standing().waitingFiles).toEqual([{ cid: NOTE, failures: 0, why: null }]);
    arrive(new Uint8Array(5));
    await expect.poll(() => indexing.standing().waitingFiles).toEqual([]);
    chain.mine([]);
    await indexing.reached(2n);
    const rows = [`Note ${NOTE} 5`, `Total ${BOOK} 7 1`];
    expect([store.rows, store.sources[0]?.done]).toEqual([rows, 2n]);
    chain.reorganise(1, [[], []]);
    await settled(chain, store);
    await indexing.reached(3n);
    chain.mine([]);
    await settled(chain, store);
    expect(store.rows).toEqual(rows);
  });

  it('begins anew on a chain that shares nothing with the index', async () => {
    const { chain, url } = await startDouble();
    for (let i = 0; i < 5; i++) chain.mine([moved(BOOK, 1n, 1n)]);
    const { indexing, store, warnings } = startIndexing(url);
    await indexing.reached(5n);
    chain.reorganise(
      6,
      Array.from({ length: 8 }, () => [moved(BOOK, 1n, 3n)]),
    );
    await settled(chain, store);
    expect(store.rows).toEqual([`Total ${BOOK} 1 21`]);
    expect(warnings).toEqual(['The chain went another way: blocks 1 to 5 are indexed again.']);
  });

  it('stops before a block whose handler fails, says so, and goes on when that block is gone', async () => {
    const { chain, url } = await startDouble();
    for (let i = 0; i < 3; i++) chain.mine([moved(BOOK, 1n, 1n)]);
    chain.mine([moved(BOOK, 1n, 1n), moved(BOOK, 1n, 666n)]);
    const mappings: Mappings = {
      run: (handler, trigger, host) => {
        if (trigger.kind === 'event' && trigger.arguments[1]?.value === 666n) throw new HandlerFailed('no such number');
        movesMappings.run(handler, trigger, host);
      },
    };
    const { indexing, store, warnings } = startIndexing(url, { mappings });
    await indexing.reached(3n);
    chain.mine([moved(BOOK, 1n, 1n)]);
    await expect.poll(() => indexing.standing().failed).toBe('Block 4 cannot be indexed: no such number');
    expect([store.rows, warnings.length]).toEqual([[`Total ${BOOK} 1 3`], 1]);
    chain.reorganise(2, [[moved(BOOK, 1n, 1n)], []]);
    await indexing.reached(5n);
    expect([store.rows, indexing.standing().failed]).toEqual([[`Total ${BOOK} 1 4`], null]);
  });

  it('writes what is below a block that the store refuses only when it is written, says so, and goes on when it is gone', async () => {
    const { chain, url } = await startDouble();
    for (let i = 0; i < 100; i++) chain.mine([moved(BOOK, 1n, 1n)]);
    const { indexing, store } = startIndexing(url, { store: new RefusingStore(20n) });
    await expect.poll(() => indexing.standing().failed).toBe('Block 20 cannot be indexed: written again');
    await indexing.reached(19n);
    expect([store.head?.number, store.rows]).toEqual([19n, [`Total ${BOOK} 1 19`]]);
    chain.reorganise(
      90,
      Array.from({ length: 91 }, () => [moved(BOOK, 1n, 2n)]),
    );
    await settled(chain, store);
    expect([store.rows, indexing.standing().failed]).toEqual([[`Total ${BOOK} 1 192`], null]);
  });

  it('waits for an RPC that is away, and tells it once', async () => {
    const { chain, url } = await startDouble();
    chain.mine([moved(BOOK, 1n, 1n)]);
    const { indexing, warnings } = startIndexing(url);
    await indexing.reached(1n);
    chain.down = true;
    await expect.poll(() => warnings.length).toBeGreaterThan(0);
    chain.down = false;
    chain.mine([]);
    await indexing.reached(2n);
    expect(warnings.map((line) => line.split(' at ')[0])).toEqual([
      "RPC lost: The chain's RPC",
      "The chain's RPC",
      `RPC back: ${url}`,
    ]);
  });
});
