import { accountId } from '@tidemark/sdk';
import type { Hex } from 'viem';
import { beforeEach, describe, expect, it } from 'vitest';
import { NoPriceSourceError } from '../errors.ts';
import { OWNER, USD } from '../plan/fixtures.ts';
import type { PriceClient } from '../prices/priceSources.ts';
import { ChainDouble, logOf } from './chainDouble.ts';
import { Observer, type ObserverOptions } from './observer.ts';

const id = (n: number) => accountId(OWNER, BigInt(n));
const filled = (n: number) => logOf('OrderFilled', { account: id(n) });
const deposited = (n: number) => logOf('Deposited', { account: id(n) });

const none = async (): Promise<never> => {
  throw new NoPriceSourceError([]);
};
const prices: PriceClient = { latest: none, at: none, distrust: () => {} };

let chain: ChainDouble;
/** Margins by account: at which block they changed to what. */
let margins: Map<Hex, { block: bigint; margin: bigint }[]>;
beforeEach(() => {
  chain = new ChainDouble();
  chain.grow(1);
  margins = new Map();
  chain.views.getAccount = ([account], block) => {
    const known = margins.get(account as Hex)?.findLast((one) => one.block <= block);
    const zero = { committedAt: 0n, moments: 0, orders: 0, volume: 0 };
    return { ...zero, margin: known?.margin ?? 0n, markets: known ? 1n : 0n };
  };
});

/** Gives an account a margin from the next block on, which has the event. */
function give(n: number, dollars: bigint, log = filled(n), fork = ''): void {
  const history = margins.get(id(n)) ?? [];
  margins.set(id(n), [...history, { block: BigInt(chain.blocks.length), margin: dollars * USD }]);
  chain.add([log], fork);
}

const observing = (more: Partial<ObserverOptions> = {}) =>
  new Observer({ client: chain.client, engine: chain.engine, prices, ...more });
/** Dollars of margin by account. */
const known = async (observer: Observer) => {
  const { health } = await observer.observe();
  return Object.fromEntries(
    [...health.accounts()].map(({ id, account }) => [Number(BigInt(id) & 0xffffn), Number(account.margin / USD)]),
  );
};
const calls = () => chain.asked.filter(({ method }) => method === 'eth_call').length;

describe('an observer', { timeout: 60_000 }, () => {
  it('reads many accounts in few requests, tells how far it is, and misses nothing that changes meanwhile', async () => {
    const count = 2_100;
    for (let n = 0; n < count; n++) margins.set(id(n), [{ block: 1n, margin: 7n * USD }]);
    chain.add(Array.from({ length: count }, (_, n) => filled(n)));
    const told: number[][] = [];
    const onProgress = (read: number, of: number) => {
      told.push([read, of]);
      // In the first two thousand, which are read already.
      if (told.length === 1) give(5, 9n, deposited(5));
    };
    const observer = observing({ onProgress });
    const found = await known(observer);
    expect(told).toEqual([
      [2000, 2100],
      [2101, 2101],
    ]);
    expect(Object.keys(found)).toHaveLength(count);
    expect([found[4], found[5]]).toEqual([7, 9]);
    // Account, doubt and position of each, a hundred in a request, and what is read of the exchange.
    expect(calls()).toBeLessThan((3 * count) / 100 + 20);
  });

  it('goes on from a read that failed', async () => {
    give(1, 7n);
    const observer = observing();
    let fails = 1;
    chain.onRequest = (method) => {
      if (method === 'eth_call' && fails-- > 0) throw new Error('overloaded');
    };
    await expect(observer.observe()).rejects.toThrow('overloaded');
    expect(await known(observer)).toEqual({ 1: 7 });
  });

  it('takes back what a reorg takes back, told once', async () => {
    const told: unknown[] = [];
    const observer = observing({ onReorg: (reorg) => told.push(reorg) });
    give(1, 7n);
    await known(observer);
    give(2, 5n);
    give(1, 6n, deposited(1));
    expect(await known(observer)).toEqual({ 1: 6, 2: 5 });
    // Both blocks are replaced by one in which neither happened, and another did.
    margins = new Map([[id(1), [{ block: 1n, margin: 7n * USD }]]]);
    chain.grow(0, { from: 1 });
    give(3, 4n, filled(3), 'other');
    expect(await known(observer)).toEqual({ 1: 7, 3: 4 });
    expect(told).toEqual([{ from: 3n, to: 1n }]);
    expect(await known(observing())).toEqual({ 1: 7, 3: 4 });
  });

  it('begins anew where the chain is another one altogether', async () => {
    const told: unknown[] = [];
    const observer = observing({ onReorg: (reorg) => told.push(reorg) });
    give(1, 7n);
    await known(observer);
    chain.blocks = [];
    margins = new Map();
    give(2, 5n, filled(2), 'another');
    expect(await known(observer)).toEqual({ 2: 5 });
    expect(told).toEqual([{ from: 1n, to: -1n }]);
  });

  it('keeps the later block of an RPC that lags, and asks it nothing', async () => {
    const observer = observing();
    give(1, 7n);
    give(1, 6n, deposited(1));
    await known(observer);
    const whole = chain.blocks;
    chain.blocks = whole.slice(0, 2);
    const before = calls();
    const { block } = await observer.observe();
    expect([block, calls()]).toEqual([2n, before]);
    expect(await known(observer)).toEqual({ 1: 6 });
    chain.blocks = whole;
    give(1, 5n, deposited(1));
    expect(await known(observer)).toEqual({ 1: 5 });
  });
});
