import { expect, test } from 'vitest';
import { CHAINLINK_LATENCY } from '../../../devnet/src/feeds/chainlinkFeed.ts';
import { Desk, FEED } from './desk.ts';
import { Path } from './path.ts';
import { play, type Strategy } from './strategies.ts';

const START = 1_700_000_000;
const SETTINGS = { ...FEED, latency: CHAINLINK_LATENCY };
const NOTIONAL = 50_000;

/** A price that is the same but for what changes it from a second on. */
const pathOf = (priceAt: (second: number) => number, seconds = 600) =>
  Path.of(
    START,
    Array.from({ length: seconds }, (_, second) => priceAt(second)),
    SETTINGS,
  );
const buysAt = (second: number, changes: Partial<Strategy> = {}): Strategy => ({
  name: 'buys once',
  ahead: 2,
  enter: (_, now) => (now === START + second ? ['long'] : []),
  exit: 'closeNow',
  hold: 8,
  target: 0,
  ...changes,
});

test('a round trip at a price that stands costs both fees, both half-widths and the surcharge of 10 bp', () => {
  const { trades, profit } = play(
    buysAt(100),
    pathOf(() => 2000),
    NOTIONAL,
  );
  expect(trades).toBe(2);
  // 1 bp and 5 bp to open; 1 bp, 10 bp and 2 bp to close. The skew's impact comes back.
  expect(profit).toBeCloseTo(-NOTIONAL * 19e-4, 2);
});

test('what the price gains after the fill is won, at once only when Chainlink has written it too', () => {
  const rises = pathOf((second) => (second < 106 ? 2000 : 2020));
  expect(play(buysAt(100, { hold: 8 }), rises, NOTIONAL).profit).toBeLessThan(0);
  expect(play(buysAt(100, { hold: 20 }), rises, NOTIONAL).profit).toBeGreaterThan(0);
  // An order sells at Pyth's price while the two agree, at the band of both while they do not.
  expect(play(buysAt(100, { exit: 'order' }), rises, NOTIONAL).profit).toBeLessThan(0);
  const agreed = pathOf((second) => (second < 106 ? 2000 : 2007));
  expect(play(buysAt(100, { exit: 'order' }), agreed, NOTIONAL).profit).toBeGreaterThan(0);
});

test('what is seen ahead has happened before the fill', () => {
  const { profit } = play(
    buysAt(100),
    pathOf((second) => (second < 102 ? 2000 : 2020)),
    NOTIONAL,
  );
  expect(profit).toBeLessThan(-NOTIONAL * 19e-4);
});

test('who alone decides whether to settle has an option', () => {
  const rises = pathOf((second) => (second < 110 ? 2000 : 2050));
  const alone = buysAt(100, { hold: 0, choice: { decides: 58, missedOneOf: 1 } });
  expect(play(alone, rises, NOTIONAL).profit).toBeGreaterThan(0);
  const falls = play(
    alone,
    pathOf((second) => (second < 110 ? 2000 : 1950)),
    NOTIONAL,
  );
  expect(falls.trades).toBe(0);
  expect(falls.profit).toBeCloseTo(-0.1);
  // What a keeper settles is no choice of hers.
  const settled = { ...alone, choice: { decides: 58, missedOneOf: 2 } };
  expect(play(settled, rises, NOTIONAL).profit).toBeCloseTo(-NOTIONAL * 19e-4, 2);
});

test('the round in force is the newest that is written, threshold and latency after what it saw', () => {
  const path = pathOf((second) => (second < 100 ? 2000 : 2010));
  expect(path.rounds.map(({ updatedAt }) => updatedAt - START)).toEqual([0, 100 + CHAINLINK_LATENCY]);
  expect([99, 109, 110].map((second) => path.roundAt(START + second))).toEqual([0, 0, 1]);
});

test('what is not wanted is taken back', () => {
  const desk = new Desk(
    pathOf(() => 2000),
    NOTIONAL,
  );
  desk.now = START + 100;
  desk.open('long');
  desk.attempt(
    () => desk.settle(),
    () => false,
  );
  expect([desk.sizeOf('long'), desk.trades]).toEqual([0n, 0]);
  desk.settle();
  expect(desk.sizeOf('long')).toBe(25n * 10n ** 12n);
});
