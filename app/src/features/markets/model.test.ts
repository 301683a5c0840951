import { FundingMath, type Market, type MarketConfig } from '@tidemark/sdk/math';
import { expect, test } from 'vitest';
import { hourFunding, nextRate, payerOf } from './model.ts';

const wad = 10n ** 18n;
const base = 10n ** 12n;
const config: MarketConfig = {
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
const market = (longs: bigint, shorts: bigint, skewSeconds: bigint): Market => ({
  longs: longs * base,
  shorts: shorts * base,
  accruedAt: 7_200n + 1_234n,
  indexAt: 0n,
  funding: 0n,
  index: 2_000n * wad,
  fundingRate: 0n,
  cash: 0n,
  skewSeconds: skewSeconds * base,
});

test('the rate foretold is the one that the hour brings', () => {
  for (const now of [market(900n, 100n, 3_000_000n), market(100n, 900n, -10n), market(100n, 900n, 5_000_000n)]) {
    const later = { ...now };
    FundingMath.accrue(later, config, 3n * 3_600n);
    const brought = FundingMath.effectiveRate(later.fundingRate, FundingMath.skewOf(later), config);
    expect(nextRate(now, config)).toBe(brought);
  }
  expect(nextRate(market(900n, 100n, 0n), config)).toBeGreaterThan(0n);
});

test('longs pay a positive rate and shorts receive it, rounded against them', () => {
  const rate = wad / 1_000n;
  expect(hourFunding(3n * base, 2_000n * wad, rate)).toBe(6n * wad);
  expect(hourFunding(-3n * base, 2_000n * wad, rate)).toBe(-6n * wad);
  expect([hourFunding(1n, 1n, 1n), hourFunding(-1n, 1n, 1n)]).toEqual([1n, 0n]);
  expect([payerOf(1n), payerOf(-1n), payerOf(0n)]).toEqual(['longs pay', 'shorts pay', 'nobody pays']);
});
