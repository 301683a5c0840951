import { describe, expect, test } from 'vitest';
import type { Price } from '../sdk/src/math/index.ts';
import { Ladder, LEVERAGES } from './ladder.ts';
import { marketOf } from './market.ts';

const WAD = 10n ** 18n;
const usd = (dollars: number) => BigInt(Math.round(dollars * 1e6)) * 10n ** 12n;
const priceOf = (mid: number, lo: number, hi: number): Price => ({
  mid: usd(mid),
  lo: usd(lo),
  hi: usd(hi),
  halfWidth: usd(mid * 1e-4),
  publishTime: 0n,
  state: 0,
});
const entered = () => {
  const ladder = new Ladder(marketOf('ETH').config);
  ladder.enter(usd(2000), 0);
  return ladder;
};

describe('the ladder', () => {
  test('holds a long and a short of each leverage, all of them healthy where they entered', () => {
    const ladder = entered();
    expect(ladder.accounts.map(({ side, leverage }) => [side, leverage])).toEqual(
      ['long', 'short'].flatMap((side) => LEVERAGES.map((leverage) => [side, leverage])),
    );
    expect(ladder.accounts.every((account) => ladder.isHealthy(account, usd(2000)))).toBe(true);
    expect(ladder.mayBeDue(priceOf(2000, 1999, 2001))).toBe(false);
  });

  test('an account is due at its price and healthy one unit beside it', () => {
    const ladder = entered();
    for (const account of ladder.accounts) {
      const inward = account.side === 'long' ? 1n : -1n;
      expect(ladder.isHealthy(account, account.dueAt)).toBe(false);
      expect(ladder.isHealthy(account, account.dueAt + inward)).toBe(true);
    }
  });

  test('liquidates those that are due at the favourable end, in part or whole, and nobody twice who is whole again', () => {
    const ladder = entered();
    const price = priceOf(1890, 1888, 1892);
    expect(ladder.mayBeDue(price)).toBe(true);
    const sources = { venue: usd(1890) };
    const done = ladder.liquidate(price, 1, sources);
    expect(done.map(({ before }) => [before.side, before.leverage])).toEqual([
      ['long', 90n],
      ['long', 98n],
    ]);
    expect(done.every(({ healthyAt }) => healthyAt.length === 0)).toBe(true);
    expect(ladder.accounts.filter(({ liquidated }) => liquidated).every(({ margin }) => margin < 1000n * WAD)).toBe(
      true,
    );
    expect(ladder.liquidate(price, 2, sources)).toEqual([]);
  });

  test('tells which accounts the initial margin would refuse', () => {
    // 9,800 · 10.09 %, $9.80 of buffer and $0.48 for the size are within $1,000; at 10.11 % they are not.
    const refusedAt = (initialMarginBps: bigint) => {
      const ladder = new Ladder({ ...marketOf('ETH').config, initialMarginBps });
      ladder.enter(usd(2000), 0);
      return ladder.accounts.filter(({ refused }) => refused).map(({ leverage }) => leverage);
    };
    expect(refusedAt(1009n)).toEqual([]);
    expect(refusedAt(1011n)).toEqual([98n, 98n]);
  });

  test('tells what was closed, and what an account lost beyond its margin', () => {
    const done = entered().liquidate(priceOf(1700, 1700, 1700), 1, {});
    const worst = done.find(({ before }) => before.leverage === 98n);
    // 4.9 ETH lose $300 each, $1,470 of $1,000, besides a dollar for the curve; nothing is left for a penalty.
    expect(worst?.notional).toBe(usd(8330));
    expect(worst?.penalty).toBe(0n);
    expect(worst?.badDebt).toBeGreaterThan(usd(470));
    expect(worst?.badDebt).toBeLessThan(usd(472));
  });

  test('an account that is alone does not bear the skew of the others', () => {
    const lostBy = (alone: boolean) => {
      const ladder = new Ladder({ ...marketOf('ETH').config, skewScale: 1_000_000_000n }, alone);
      for (let entry = 0; entry < 10; entry++) ladder.enter(usd(2000), 0);
      return ladder.liquidate(priceOf(1830, 1830, 1830), 1, {}).reduce((sum, { badDebt }) => sum + badDebt, 0n);
    };
    expect(lostBy(true)).toBe(0n);
    expect(lostBy(false)).toBeGreaterThan(usd(1000));
  });

  test('a rule that takes one source’s price alone is caught', () => {
    const ladder = entered();
    // Pyth has a wick to 1,890 that Chainlink, at 2,000, does not know: the band that the rules ask for reaches to it.
    const sources = { Pyth: usd(1890), Chainlink: usd(2000) };
    expect(ladder.liquidate(priceOf(1890, 1888, 2002), 1, sources)).toEqual([]);
    const broken = ladder.liquidate(priceOf(1890, 1888, 1892), 1, sources);
    expect(broken.map(({ healthyAt }) => healthyAt)).toEqual([['Chainlink'], ['Chainlink']]);
  });

  test('a rule that takes the adverse end is caught', () => {
    const ladder = entered();
    const [account] = ladder.accounts.filter(({ side, leverage }) => side === 'long' && leverage === 98n);
    const due = account?.dueAt ?? 0n;
    const truth = due + usd(1);
    const adverse = { ...priceOf(0, 0, 0), mid: truth, lo: due, hi: due, halfWidth: usd(1) };
    expect(ladder.liquidate(adverse, 1, { 'Pyth’s venue': truth }).map(({ healthyAt }) => healthyAt)).toEqual([
      ['Pyth’s venue'],
    ]);
  });
});
