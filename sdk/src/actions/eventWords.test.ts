import { describe, expect, it } from 'vitest';
import {
  batchOf,
  creditOf,
  marketOf,
  placeOf,
  positionLiquidationOf,
  settlementOf,
  tradeFillOf,
} from './eventWords.ts';

const word = (...fields: readonly [value: bigint, bits: bigint][]): bigint => {
  let at = 0n;
  return fields.reduce((sum, [value, bits]) => {
    const placed = BigInt.asUintN(Number(bits), value) << at;
    at += bits;
    return sum | placed;
  }, 0n);
};

describe('the words of events', () => {
  it('hold a market', () => {
    const market = {
      longs: 2n ** 88n - 1n,
      shorts: 7n,
      accruedAt: 1_700_000_000n,
      indexAt: 2n ** 40n - 1n,
      funding: -(2n ** 95n),
      index: 2n ** 96n - 1n,
      fundingRate: -1n,
      cash: -(2n ** 151n),
      skewSeconds: 2n ** 103n - 1n,
    };
    const interest = word([market.longs, 88n], [market.shorts, 88n], [market.accruedAt, 40n], [market.indexAt, 40n]);
    const pricing = word([market.funding, 96n], [market.index, 96n], [market.fundingRate, 56n]);
    const totals = word([market.cash, 152n], [market.skewSeconds, 104n]);
    expect(marketOf({ interest, pricing, totals })).toEqual(market);
  });

  it('hold a liquidation, and what the account paid with the last position', () => {
    const change = word([-5n, 88n], [-(10n ** 40n), 168n]);
    const position = word([3n, 88n], [-4n, 136n], [1n, 16n], [2n, 16n]);
    const closed = { sizeDelta: -5n, cost: -(10n ** 40n), size: 3n, cash: -4n };
    expect(positionLiquidationOf({ change, position, paid: 0n, left: 0n })).toEqual({ ...closed, account: null });
    const paid = word([11n, 128n], [12n, 127n], [1n, 1n]);
    const left = word([13n, 128n], [14n, 128n]);
    expect(positionLiquidationOf({ change, position, paid, left })).toEqual({
      ...closed,
      account: { reward: 12n, penalty: 11n, badDebt: 14n, margin: 13n },
    });
  });

  it('tell of an account that is left with nothing', () => {
    const { account } = positionLiquidationOf({ change: 0n, position: 0n, paid: 1n << 255n, left: 0n });
    expect(account).toEqual({ reward: 0n, penalty: 0n, badDebt: 0n, margin: 0n });
  });

  it('hold a fill', () => {
    const change = word([-5n, 88n], [-(10n ** 40n), 168n]);
    const position = word([3n, 88n], [-4n, 136n], [1n, 16n], [2n, 16n]);
    const paid = word([11n, 96n], [12n, 96n], [13n, 40n], [63n, 24n]);
    expect(tradeFillOf({ change, position, paid, poolPays: -6n })).toEqual({
      market: 63n,
      sizeDelta: -5n,
      cost: -(10n ** 40n),
      fee: 12n,
      poolPays: -6n,
      size: 3n,
      cash: -4n,
      margin: 11n,
      index: 13n,
    });
  });

  it('hold a settlement', () => {
    const settled = { poolCash: 9n, margin: 4n, fees: 15n * 10n ** 15n };
    expect(settlementOf(word([9n, 96n], [4n, 96n], [3n, 64n]))).toEqual(settled);
  });

  it('hold a place and a fee', () => {
    const place = word([7n, 40n], [20n, 16n], [63n, 8n]);
    expect(batchOf({ place, orders: [] })).toEqual({ market: 63n, index: 7n, feeCents: 20n, orders: [] });
    expect(placeOf({ market: 63n, index: 7n, feeCents: 20n })).toBe(place);
  });

  it('hold a credit', () => {
    expect(creditOf(word([9n, 128n], [4n, 128n]))).toEqual({ amount: 4n, margin: 9n });
  });
});
