import { beforeEach, describe, expect, it } from 'vitest';
import { ChainFollower, ChainMovedError, REMEMBERED } from './blocks.ts';
import { ChainDouble } from './chainDouble.ts';

const LOG = { topics: [], data: '0x' } as const;
const DEPTH = Number(REMEMBERED);

let chain: ChainDouble;
let follower: ChainFollower;
beforeEach(() => {
  chain = new ChainDouble();
  chain.grow(10);
  follower = new ChainFollower(chain.client, chain.engine, 0n);
});

/** The next step, which must be ahead: the numbers of its blocks. */
async function ahead() {
  const step = await follower.step();
  if (step.kind !== 'ahead') throw new Error(`The step was ${step.kind}.`);
  return { numbers: step.blocks.map(({ number }) => Number(number)), step };
}

const upTo = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

describe('following a chain', () => {
  it('takes each block once, with its logs', async () => {
    chain.add([LOG, LOG]);
    const { numbers, step } = await ahead();
    expect(numbers).toEqual(upTo(0, 10));
    expect(step.blocks.map(({ logs }) => logs.length)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]);
    expect(await follower.step()).toEqual({ kind: 'same' });
    chain.grow(2);
    expect((await ahead()).numbers).toEqual([11, 12]);
    expect(follower.head?.number).toBe(12n);
  });

  it('begins where it is told to', async () => {
    follower = new ChainFollower(chain.client, chain.engine, 7n);
    expect((await ahead()).numbers).toEqual([7, 8, 9]);
    follower = new ChainFollower(chain.client, chain.engine, 70n);
    expect((await ahead()).numbers).toEqual([9]);
  });

  it('takes what is older than it remembers by ranges, and every log once', async () => {
    for (let i = 0; i < 200; i++) chain.add([LOG]);
    const { numbers, step } = await ahead();
    expect(numbers).toEqual(upTo(210 - DEPTH, 209));
    expect(step.old).toHaveLength(200 - DEPTH);
    expect(step.blocks.every(({ logs }) => logs.length === 1)).toBe(true);
    for (let i = 0; i < 100; i++) chain.add([LOG]);
    const next = await ahead();
    expect(next.step.old).toHaveLength(100 - DEPTH);
    expect(next.numbers).toEqual(upTo(310 - DEPTH, 309));
  });

  it('asks of a new block for no more than itself and its logs', async () => {
    await ahead();
    chain.asked.length = 0;
    chain.grow(1);
    await ahead();
    expect(chain.asked.map(({ method }) => method)).toEqual(['eth_getBlockByNumber', 'eth_getLogs']);
  });
});

describe('an RPC that lags', () => {
  it('is waited for, and followed on from what was known', async () => {
    await ahead();
    const whole = chain.blocks;
    chain.blocks = whole.slice(0, 6);
    expect(await follower.step()).toEqual({ kind: 'behind' });
    expect(follower.head?.number).toBe(9n);
    chain.blocks = whole;
    expect(await follower.step()).toEqual({ kind: 'same' });
    chain.grow(1);
    expect((await ahead()).numbers).toEqual([10]);
  });

  it('that lags further than is remembered is another chain', async () => {
    chain.grow(200);
    await ahead();
    chain.blocks = chain.blocks.slice(0, 100);
    expect(await follower.step()).toEqual({ kind: 'reorg', from: 209n, to: null });
  });
});

describe('a reorg', () => {
  it.each([
    ['to a longer chain', 5, 8],
    ['to one of the same length', 5, 4],
    ['to a shorter chain', 5, 2],
    ['of the last block', 8, 1],
  ])('%s goes back to the last common block', async (_, from, count) => {
    await ahead();
    chain.grow(count, { from, fork: 'other' });
    const step = await follower.step();
    expect(step).toMatchObject({
      kind: 'reorg',
      from: 9n,
      to: { number: BigInt(from), hash: chain.blocks[from]?.hash },
    });
    expect((await ahead()).numbers).toEqual(upTo(from + 1, from + count));
    expect(follower.head?.hash).toBe(chain.blocks.at(-1)?.hash);
  });

  it('as deep as is remembered is followed, a deeper one begins anew', async () => {
    chain.grow(100);
    await ahead();
    const length = chain.blocks.length;
    chain.grow(DEPTH - 1, { from: length - DEPTH, fork: 'deep' });
    expect(await follower.step()).toMatchObject({ kind: 'reorg', to: { number: BigInt(length - DEPTH) } });
    await ahead();
    chain.grow(DEPTH, { from: length - DEPTH - 1, fork: 'deeper' });
    expect(await follower.step()).toEqual({ kind: 'reorg', from: BigInt(length - 1), to: null });
    expect((await ahead()).step.blocks.at(-1)?.number).toBe(BigInt(length - 1));
  });

  it('behind many new blocks is noticed all the same', async () => {
    await ahead();
    chain.grow(DEPTH + 50, { from: 4, fork: 'far' });
    expect(await follower.step()).toMatchObject({ kind: 'reorg', from: 9n, to: { number: 4n } });
  });

  it('in the middle of a look fails the look, and nothing of it is known', async () => {
    await ahead();
    chain.grow(3);
    let asked = 0;
    chain.onRequest = () => {
      if (++asked === 2) chain.grow(4, { from: 8, fork: 'moved' });
    };
    await expect(follower.step()).rejects.toThrow(ChainMovedError);
    chain.onRequest = () => {};
    expect(await follower.step()).toMatchObject({ kind: 'reorg', from: 9n, to: { number: 8n } });
    expect((await ahead()).numbers).toEqual([9, 10, 11, 12]);
  });

  it('between a block and its logs fails the look as well', async () => {
    await ahead();
    chain.grow(1);
    chain.onRequest = (method) => {
      if (method === 'eth_getLogs') chain.grow(1, { from: 9, fork: 'late' });
    };
    await expect(follower.step()).rejects.toThrow('unknown block');
    chain.onRequest = () => {};
    expect((await ahead()).numbers).toEqual([10]);
  });
});
