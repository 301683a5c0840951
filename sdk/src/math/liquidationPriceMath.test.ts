import { expect, test } from 'vitest';
import { ALICE, BOB, CONFIG, Exchange, KEEPER, UNIT, WAD } from '../../test/model/exchange.ts';
import { accountOf, Engine, type EngineState, viewAccount } from '../model/index.ts';
import { type Exposure, LiquidationMath, LiquidationPriceMath, MAX_PRICE } from './index.ts';

const HOUR = 3600n;
const alice = accountOf(ALICE);

/** Alice is long in the first market and short in the second, each the larger side, so that she pays funding in both. */
function scene(): Exchange {
  const exchange = new Exchange();
  exchange.trade(ALICE, 0n, 120n * UNIT);
  exchange.trade(BOB, 0n, -20n * UNIT);
  exchange.trade(ALICE, 1n, -2n * UNIT);
  exchange.trade(BOB, 1n, UNIT / 2n);
  return exchange;
}

function withClaim(exchange: Exchange, amount: bigint): EngineState {
  const { state } = exchange;
  const factor = 10n ** 27n;
  return {
    ...state,
    pool: { ...state.pool, claimsOpen: true },
    claims: { outstanding: amount, factor, round: 0n },
    claimOf: new Map([[alice, { amount, factor, round: 0n }]]),
  };
}

/** Whether the engine liquidates Alice when a market stands at a price after so many hours. */
function liquidates(exchange: Exchange, state: EngineState, market: bigint, mid: bigint, hours: bigint): boolean {
  const then = Object.assign(Object.create(Object.getPrototypeOf(exchange)) as Exchange, exchange);
  then.time = exchange.time + hours * HOUR;
  const standing = then.price(market);
  const price = { ...standing, mid, lo: mid - (standing.mid - standing.lo), hi: mid + (standing.hi - standing.mid) };
  const call = then.call(KEEPER, new Map([[market, price]]));
  const { refusal } = Engine.preview(state, call, { name: 'liquidate', args: [alice] });
  if (refusal && refusal.name !== 'NotLiquidatable') throw new Error(`Refused by ${refusal.name}.`);
  return refusal === null;
}

for (const claim of [0n, 700n * WAD + 7n])
  for (const [market, side] of [
    [0n, 'long'],
    [1n, 'short'],
  ] as const)
    test(`a ${side} with a claim of ${claim} is liquidated at its price and not one unit beyond it, as funding runs`, () => {
      const exchange = scene();
      const state = withClaim(exchange, claim);
      const [position] = viewAccount(state, exchange.call(KEEPER), alice).positions.filter((p) => p.market === market);
      const { now, inOneHour, inOneDay } = position?.liquidation ?? {};
      const toward = side === 'long' ? 1n : -1n;
      for (const [price, hours] of [
        [now, 0n],
        [inOneHour, 1n],
        [inOneDay, 24n],
      ] as const) {
        if (price == null) throw new Error('The position has a liquidation price.');
        expect(liquidates(exchange, state, market, price, hours)).toBe(true);
        expect(liquidates(exchange, state, market, price + toward, hours)).toBe(false);
      }
      // Who pays funding is liquidated ever sooner.
      expect([
        toward * ((inOneHour ?? 0n) - (now ?? 0n)) > 0n,
        toward * ((inOneDay ?? 0n) - (inOneHour ?? 0n)) > 0n,
      ]).toEqual([true, true]);
    });

test('a claim moves the price away', () => {
  const exchange = scene();
  const at = (claim: bigint) =>
    viewAccount(withClaim(exchange, claim), exchange.call(KEEPER), alice).positions[0]?.liquidation.now ?? 0n;
  expect(at(700n * WAD)).toBeLessThan(at(0n));
});

test('what receives funding moves away from its price, and stands still while the exchange is halted', () => {
  const exchange = scene();
  const of = (state: EngineState) => {
    const bob = viewAccount(state, exchange.call(KEEPER), accountOf(BOB)).positions[0]?.liquidation;
    if (bob?.now == null || bob.inOneDay == null) throw new Error('Bob has a liquidation price.');
    return { now: bob.now, inOneDay: bob.inOneDay };
  };
  expect(of(exchange.state).inOneDay).toBeGreaterThan(of(exchange.state).now);
  const configs = new Map([...exchange.state.configs].map(([id, config]) => [id, { ...config, flags: 1n | 4n }]));
  const halted = of({ ...exchange.state, configs });
  expect(halted.inOneDay).toBe(halted.now);
});

const market = {
  longs: 10n * UNIT,
  shorts: 0n,
  accruedAt: 0n,
  indexAt: 0n,
  funding: 0n,
  index: 2000n * WAD,
  fundingRate: 0n,
  cash: 0n,
  skewSeconds: 0n,
};
const price = { mid: 2000n * WAD, lo: 1999n * WAD, hi: 2002n * WAD, halfWidth: WAD, publishTime: 0n, state: 0 };
const held = (size: bigint): Exposure => ({
  id: 0n,
  market,
  config: { ...CONFIG, flags: 1n },
  position: { size, cash: -size * price.mid, checkpoint: 0n, generation: 0n },
  price,
});
const of = (exposure: Exposure, margin: bigint) =>
  LiquidationPriceMath.liquidationPrice([exposure], 0n, { margin, claim: 0n, time: 0n });

test('a long whose margin covers all of it has no price; one that no price saves has the highest', () => {
  expect(of(held(UNIT), 3000n * WAD)).toBeNull();
  expect(of(held(-UNIT), 3000n * WAD)).not.toBeNull();
  const ruined = held(UNIT);
  ruined.position.cash = -(10n ** 40n);
  expect(of(ruined, 0n)).toBe(MAX_PRICE - 2n * WAD);
  const sunk = held(-UNIT);
  sunk.position.cash = -(10n ** 40n);
  expect(of(sunk, 0n)).toBe(1n);
});

test('there is no price without a size, in a settled market or in one the account is not in', () => {
  expect(of({ ...held(UNIT), position: { ...held(UNIT).position, size: 0n } }, 0n)).toBeNull();
  expect(of({ ...held(UNIT), config: { ...CONFIG, flags: 1n | 16n } }, 100n * WAD)).toBeNull();
  const standing = { margin: 0n, claim: 0n, time: 0n };
  expect(LiquidationPriceMath.liquidationPrice([held(UNIT)], 1n, standing)).toBeNull();
});

test('a position smaller than the roundings of its requirement has a price to the unit too', () => {
  const small = held(7n);
  const margin = 2n * WAD + 10n ** 9n / 2n;
  const found = of(small, margin);
  if (found === null) throw new Error('There is a price.');
  const isDue = (mid: bigint) => {
    const moved = { ...price, mid, lo: mid - WAD, hi: mid + 2n * WAD };
    const holding = LiquidationMath.holdingOf(0n, { ...structuredClone(small), price: moved, room: 0n, capacity: 0n });
    return LiquidationMath.liquidate([holding], margin, 0n).due;
  };
  expect([isDue(found), isDue(found + 1n)]).toEqual([true, false]);
});
