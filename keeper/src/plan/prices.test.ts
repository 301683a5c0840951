import { accountId, PriceState, packOrder } from '@tidemark/sdk';
import { describe, expect, it } from 'vitest';
import { at, kinds, NOW, OWNER, planned, quoted, snapshot, stored, UNIT, USD } from './fixtures.ts';
import { DEFAULT_SETTINGS, plan } from './index.ts';

describe('prices and hours', () => {
  it('renews an index at its age, not before', () => {
    expect(planned([at(0, { market: stored({ indexAt: NOW - 29n }) })])).toEqual([]);
    expect(planned([at(0, { market: stored({ indexAt: NOW - 30n }) })])).toMatchObject([
      { kind: 'updateIndices', markets: [0] },
    ]);
  });

  it('brings due markets in one call and leaves the others', () => {
    const old = { market: stored({ indexAt: NOW - 40n }) };
    expect(planned([at(0, old), at(1), at(2, old)])).toEqual([
      { key: 'updateIndices', kind: 'updateIndices', markets: [0, 2] },
    ]);
  });

  it('renews an index as soon as the price has moved so far, either way', () => {
    const index = 2000n * USD;
    const moved = (price: bigint) =>
      planned([at(0, { market: stored({ indexAt: NOW - 2n }), quote: quoted({ price }) })]);
    const limit = (index * DEFAULT_SETTINGS.deviationBps) / 10_000n;
    for (const sign of [1n, -1n]) {
      expect(moved(index + sign * (limit - 1n))).toEqual([]);
      expect(moved(index + sign * limit)).toMatchObject([{ kind: 'updateIndices', markets: [0] }]);
      expect(moved(index + sign * (limit + 1n))).toMatchObject([{ kind: 'updateIndices', markets: [0] }]);
    }
  });

  it('takes heartbeat and deviation from its settings', () => {
    const pushing = (indexAt: bigint, price: bigint) => {
      const markets = [at(0, { market: stored({ indexAt }), quote: quoted({ price }) })];
      return kinds(plan(snapshot(markets), { ...DEFAULT_SETTINGS, heartbeat: 20n, deviationBps: 100n }));
    };
    expect(pushing(NOW - 19n, 2000n * USD)).toEqual([]);
    expect(pushing(NOW - 20n, 2000n * USD)).toEqual(['updateIndices']);
    expect(pushing(NOW - 2n, 2020n * USD - 1n)).toEqual([]);
    expect(pushing(NOW - 2n, 2020n * USD)).toEqual(['updateIndices']);
  });

  it('has the oracle observe a market whose index only settlements renew', () => {
    const busy = (age: bigint) => planned([at(0, { market: stored({ indexAt: NOW - 1n }), observedAt: NOW - age })]);
    expect(busy(29n)).toEqual([]);
    expect(busy(30n)).toMatchObject([{ kind: 'updateIndices', markets: [0] }]);
  });

  it('takes along what is two thirds due, by time or by price, but goes for none of that alone', () => {
    const due = at(0, { market: stored({ indexAt: NOW - 30n }) });
    const aged = (age: bigint) => at(1, { market: stored({ indexAt: NOW - age }) });
    const half = (2000n * USD * 13n) / 10_000n;
    const moved = (by: bigint) =>
      at(2, { market: stored({ indexAt: NOW - 2n }), quote: quoted({ price: 2000n * USD + by }) });
    expect(planned([at(0), aged(29n), moved(half)])).toEqual([]);
    expect(planned([due, aged(20n), moved(half)])).toMatchObject([{ kind: 'updateIndices', markets: [0, 1, 2] }]);
    expect(planned([due, aged(19n), moved(half - 1n)])).toMatchObject([{ kind: 'updateIndices', markets: [0] }]);
    const priceless = { ...aged(25n), quote: null };
    expect(planned([due, priceless])).toMatchObject([{ kind: 'updateIndices', markets: [0] }]);
  });

  it('repeats a push that left the index once a heartbeat, one that took at once', () => {
    const pushing = (indexAt: bigint, ago: bigint) => {
      const pushed = { publishTime: NOW - ago - 2n, at: NOW - ago };
      const quote = quoted({ price: 2100n * USD });
      return kinds(planned([at(0, { market: stored({ indexAt }), quote, pushed, observedAt: NOW - ago })]));
    };
    expect(pushing(NOW - 500n, 29n)).toEqual([]);
    expect(pushing(NOW - 500n, 30n)).toEqual(['updateIndices']);
    expect(pushing(NOW - 4n, 2n)).toEqual(['updateIndices']);
  });

  it('is not kept from a push by what others observe', () => {
    const old = { market: stored({ indexAt: NOW - 40n }), observedAt: NOW - 2n };
    expect(kinds(planned([at(0, old)]))).toEqual(['updateIndices']);
    const pushed = { publishTime: NOW - 32n, at: NOW - 30n };
    expect(kinds(planned([at(0, { ...old, pushed })]))).toEqual(['updateIndices']);
  });

  it('does not bring a price that is no newer, or too old itself', () => {
    const market = stored({ indexAt: NOW - 40n });
    expect(planned([at(0, { market, quote: quoted({ publishTime: NOW - 40n }) })])).toEqual([]);
    const older = stored({ indexAt: NOW - 100n });
    expect(planned([at(0, { market: older, quote: quoted({ publishTime: NOW - 61n }) })])).toEqual([]);
  });

  it('seals an hour with the first price after its boundary', () => {
    const boundary = NOW - 1800n;
    const market = stored({ accruedAt: boundary - 1n, indexAt: boundary - 1n });
    const sealing = (now: bigint) => planned([at(0, { market, quote: quoted({ publishTime: now }) })], { now });
    expect(sealing(boundary - 1n)).toEqual([]);
    expect(sealing(boundary)).toMatchObject([{ kind: 'updateIndices', markets: [0] }]);
  });

  it('seals an hour without a price when there is none', () => {
    const market = stored({ accruedAt: NOW - 3600n });
    expect(planned([at(0, { market, quote: null })])).toMatchObject([{ kind: 'accrue', market: 0 }]);
  });
});

describe('the peg of USDC', () => {
  it('is noted at once, whatever else is due, and not while nothing is permitted', () => {
    const peg = { key: 'updateIndices peg', kind: 'updateIndices', markets: [] };
    expect(planned([at(0)], { pegChanged: true })).toEqual([peg]);
    expect(planned([at(0)], { pegChanged: true, pauseLevel: 1 })).toEqual([peg]);
    expect(planned([at(0)], { pegChanged: true, pauseLevel: 2 })).toEqual([]);
    expect(planned([at(0, { market: stored({ indexAt: NOW - 40n }) })], { pegChanged: true })).toMatchObject([
      peg,
      { key: 'updateIndices', markets: [0] },
    ]);
  });
});

describe('a trigger that waits', () => {
  const waiting = (price: bigint, above: boolean) => ({
    market: 0n,
    order: packOrder({
      account: accountId(OWNER),
      sizeDelta: UNIT,
      limitPrice: 0n,
      nonce: 1n,
      trigger: { price: price * USD, above },
    }),
    signature: '0x00' as const,
  });
  const pushed = (price: bigint, above: boolean, changes = {}) => {
    const market = at(0, {
      market: stored({ indexAt: NOW - 2n }),
      quote: quoted({ price: 2001n * USD }),
      ...changes,
    });
    const settings = { ...DEFAULT_SETTINGS, roles: new Set(['prices'] as const) };
    return kinds(plan(snapshot([market], { orders: [waiting(price, above)] }), settings));
  };

  it('is brought the price that meets it, which the index does not', () => {
    expect(pushed(2001n, true)).toEqual(['updateIndices']);
    expect(pushed(2002n, true)).toEqual([]);
    expect(pushed(2000n, true)).toEqual([]);
    expect(pushed(2000n, false)).toEqual([]);
    expect(pushed(1999n, false, { quote: quoted({ price: 1999n * USD }) })).toEqual(['updateIndices']);
  });

  it('is brought again what the index did not take only once its market is trusted', () => {
    const left = { pushed: { publishTime: NOW - 1n, at: NOW - 1n }, observedAt: NOW - 1n };
    expect(pushed(2001n, true, { ...left, state: PriceState.Halted })).toEqual([]);
    expect(pushed(2001n, true, left)).toEqual(['updateIndices']);
  });
});
