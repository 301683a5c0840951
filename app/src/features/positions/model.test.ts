import { expect, test } from 'vitest';
import type { MarketInfo } from '../../config.ts';
import { foldEntry, noEntry } from './entry.ts';
import { type Holding, liquidationOf, positionRow, standingOf } from './model.ts';

const wad = 10n ** 18n;
const base = 10n ** 12n;

function holding(size: bigint, entry: bigint): Holding {
  const config = {
    skewScale: 1_000_000n * 10n ** 6n,
    initialMarginBps: 200n,
    maintenanceMarginBps: 100n,
    marginSlopeBps: 500n,
    skewCapBps: 800n,
    openInterestCapBps: 2000n,
    profitWeightBps: 5000n,
    makerFeePpm: 200n,
    takerFeePpm: 500n,
    penaltyBps: 25n,
    accountCapPercent: 100n,
    fundingCoefficientBps: 10n,
    fundingCapPpm: 4000n,
    allocationPercent: 40n,
    flags: 1n,
  };
  const market = {
    longs: 100n * base,
    shorts: 0n,
    accruedAt: 0n,
    indexAt: 0n,
    funding: 0n,
    index: 2_000n * wad,
    fundingRate: 0n,
    cash: 0n,
    skewSeconds: 0n,
  };
  const sources = {
    bounds: { thresholdPpm: 5_000n, haltPpm: 50_000n, strainConfidencePpm: 10_000n },
    floor: 1n,
    ceiling: 10n ** 30n,
    anchor: { value: 0n, confidence: 0n, time: 0n },
    sequencer: 'up' as const,
  };
  const queue = { head: 0n, tail: 0n, escrow: 0n, keeperFeeCents: 20n, marginPerUnit: 0n };
  return {
    id: 0,
    position: { size, cash: -size * entry, checkpoint: 0n, generation: 0n },
    state: { market, config, queue, sources },
  };
}

for (const [side, size] of [
  ['long', 10n * base],
  ['short', -10n * base],
] as const) {
  test(`the liquidation price of a ${side} is the first one below maintenance`, () => {
    const holdings = [holding(size, 2_000n * wad)];
    const margin = 1_000n * wad;
    const asked = { id: 0, claim: 0n, time: 0 };
    const { now: shown } = liquidationOf(margin, holdings, new Map(), asked);
    expect(shown).not.toBeNull();
    const isSafe = (price: bigint) => {
      const { equity, maintenance } = standingOf(margin, holdings, new Map([[0, price]]));
      return equity >= maintenance;
    };
    const toward = size > 0n ? 1n : -1n;
    expect(isSafe((shown ?? 0n) + toward)).toBe(true);
    expect(isSafe(shown ?? 0n)).toBe(false);
  });
}

test('funding takes the liquidation price of who pays it nearer from hour to hour', () => {
  const asked = { id: 0, claim: 0n, time: 0 };
  const { now, inOneHour, inOneDay } = liquidationOf(
    1_000n * wad,
    [holding(10n * base, 2_000n * wad)],
    new Map(),
    asked,
  );
  expect([(inOneHour ?? 0n) >= (now ?? 0n), (inOneDay ?? 0n) > (now ?? 0n)]).toEqual([true, true]);
  const later = { ...asked, time: 86_400 };
  expect(liquidationOf(1_000n * wad, [holding(10n * base, 2_000n * wad)], new Map(), later).now).toBe(inOneDay);
});

test('a long whose margin covers all of it has no liquidation price', () => {
  const asked = { id: 0, claim: 0n, time: 0 };
  expect(liquidationOf(10n ** 9n * wad, [holding(base, 2_000n * wad)], new Map(), asked).now).toBeNull();
});

test('an account that is due already has the present price', () => {
  const asked = { id: 0, claim: 0n, time: 0 };
  const prices = new Map([[0, 1_900n * wad]]);
  expect(liquidationOf(wad, [holding(base, 2_000n * wad)], prices, asked).now).toBe(1_900n * wad);
  const risen = new Map([[0, 2_100n * wad]]);
  expect(liquidationOf(wad, [holding(-base, 2_000n * wad)], risen, asked).now).toBe(2_100n * wad);
});

test('nearness of liquidation is none far away, and all of it once the account is due', () => {
  const market = { symbol: 'ETH' } as unknown as MarketInfo;
  const danger = (liquidation: bigint | null, size = base) =>
    positionRow(market, holding(size, 2_000n * wad), { price: 2_000n * wad, liquidation, entry: null, equity: 0n })
      .danger;
  expect([danger(null), danger(1_000n * wad), danger(1_900n * wad)]).toEqual([0, 0, 0.75]);
  expect([danger(2_100n * wad), danger(1_900n * wad, -base), danger(2_100n * wad, -base)]).toEqual([1, 1, 0.75]);
});

test('entry follows opening, increasing, reducing and closing', () => {
  const change = { fee: 8n, funding: null };
  const opened = foldEntry(noEntry, { ...change, sizeDelta: 4n, cost: 400n, size: 4n, cash: -400n });
  const increased = foldEntry(opened, { ...change, sizeDelta: 4n, cost: 480n, size: 8n, cash: -880n });
  expect(increased).toMatchObject({ cost: 880n, fees: 16n });
  const reduced = foldEntry(increased, { ...change, sizeDelta: -6n, cost: -700n, size: 2n, cash: -220n });
  expect(reduced).toMatchObject({ cost: 220n, fees: 4n });
  expect(foldEntry(reduced, { ...change, sizeDelta: -2n, cost: -250n, size: 0n, cash: 0n })).toEqual(noEntry);
});

test('a trade across zero begins anew at what its cash says', () => {
  const long = { size: 2n, cash: -200n, cost: 200n, fees: 9n };
  const flipped = foldEntry(long, { sizeDelta: -5n, cost: -540n, fee: 10n, size: -3n, cash: 330n, funding: 2n });
  expect(flipped).toMatchObject({ cost: -336n, fees: 6n });
});
