import { describe, expect, test } from 'vitest';
import type { Feeds } from './feeds.ts';
import { marketOf } from './market.ts';
import { replay } from './replay.ts';
import { feedsAt, START } from './synthetic.ts';

const ETH = marketOf('ETH');
const replayed = (feeds: Feeds) => replay(feeds, ETH, START);
/** A price but for a stretch in which it is another. */
const between =
  (from: number, to: number, other: number, usual = 2000) =>
  (second: number) =>
    second >= from && second < to ? other : usual;

describe('states', () => {
  test('sources that agree are Normal all the time', () => {
    const { states, seconds } = replayed(feedsAt(600, () => 2000));
    expect(seconds).toBe(600);
    expect(states.Normal).toBe(598);
    // Before the first price there is Chainlink alone.
    expect(states.Single).toBe(2);
  });

  test('a spike on one venue strains while it lasts', () => {
    const { states, halts } = replayed(feedsAt(600, between(300, 320, 2040), () => 2000));
    expect(states.Strained).toBe(20);
    expect([states.Halted, halts]).toEqual([0, 0]);
  });

  test('a difference beyond the bound voids at once, and halts for good only when it lasts', () => {
    const short = replayed(feedsAt(600, between(300, 318, 2200), () => 2000));
    expect([short.states.Halted, short.halts]).toEqual([18, 0]);
    const lasting = replayed(feedsAt(600, between(300, 322, 2200), () => 2000));
    expect(lasting.halts).toBe(1);
    expect(lasting.longestHaltedAt).toBe(START + 302);
  });

  test('a halt ends with the third agreement in 60 s', () => {
    const { states, longestHalted, halts } = replayed(feedsAt(900, between(300, 340, 2200), () => 2000));
    expect(halts).toBe(1);
    // 40 s of difference, 60 s between the first agreement and the third, and the block in which that is found.
    expect(longestHalted).toBe(40 + 60 + 2);
    expect(states.Halted).toBe(longestHalted);
  });

  test('what strains meanwhile agrees too', () => {
    const first = (second: number) =>
      second >= 300 && second < 340 ? 2200 : second % 50 === 0 && second > 340 ? 2030 : 2000;
    const { longestHalted } = replayed(feedsAt(900, first, () => 2000));
    expect(longestHalted).toBe(102);
  });

  test('a wide confidence guards', () => {
    const { states } = replayed(feedsAt(600, () => 2000, undefined, 0.03));
    expect(states.Guarded).toBe(598);
  });

  test('a venue that is out leaves the other source alone once it is silent', () => {
    const { states } = replayed(feedsAt(900, between(300, 800, 0), () => 2000));
    // The last price, of second 298, is observed until 358, at last for the mean at 332; from 634 on Pyth is silent, until
    // the next one at 802.
    expect(states.Halted).toBe(634 - 360);
    expect(states.Single).toBe(2 + 802 - 634);
  });
});

describe('liquidations', () => {
  test('on a gap nobody is liquidated who is healthy on either source', () => {
    const gap = (at: number) => (second: number) => 2000 * (second < at ? 1 : 0.85) * (1 + 0.002 * Math.sin(second));
    const { liquidatedAccounts, unhealthy, accounts } = replayed(feedsAt(3000, gap(1500), gap(1520)));
    expect(accounts).toBe(28);
    // Longs from 7 on: 15 % takes all of their margin but what must stay.
    expect(liquidatedAccounts).toBeGreaterThanOrEqual(4);
    expect(unhealthy).toEqual([]);
  });

  test('while one venue alone has a wick nobody is liquidated at it', () => {
    const { liquidations } = replayed(feedsAt(3000, between(1500, 1510, 1930), () => 2000));
    expect(liquidations).toBe(0);
  });

  test('while the market is halted nobody is liquidated', () => {
    const { liquidations, states } = replayed(
      feedsAt(
        2000,
        (second) => (second < 1000 ? 2000 : 1800),
        () => 2000,
      ),
    );
    expect(states.Halted).toBe(998);
    expect(liquidations).toBe(0);
  });
});
