import {
  type Account,
  FixedPoint,
  type Market,
  type MarketConfig,
  MarketFlags,
  ParameterRamp,
  type Position,
} from '@tidemark/sdk';
import { Engine, initialState } from '@tidemark/sdk/model';
import { numberToHex } from 'viem';
import { describe, expect, it } from 'vitest';
import { generator } from '../../../devnet/src/random.ts';
import { judgedMarkets, listPlainly, type Stored, weighPlainly } from '../../bench/plainHealth.ts';
import type { AccountSnapshot } from '../snapshot.ts';
import { type Band, HealthIndex } from './healthIndex.ts';

const { RAW_PER_WAD, WAD } = FixedPoint;
const NOW = 1_700_003_000n;
const UNIT = 10n ** 12n;
const idOf = (n: number) => numberToHex(n, { size: 32 });

const ACCOUNT: Account = {
  margin: 0n,
  committedAt: 0n,
  markets: 0n,
  moments: 0n,
  purge: 63n,
  market: 0n,
  pending: 0n,
  volume: 0n,
};
const CONFIG: MarketConfig = {
  skewScale: 1_000_000n * 1_000_000n,
  initialMarginBps: 500n,
  maintenanceMarginBps: 300n,
  marginSlopeBps: 10_000n,
  skewCapBps: 100n,
  openInterestCapBps: 200n,
  profitWeightBps: 5000n,
  makerFeePpm: 200n,
  takerFeePpm: 500n,
  penaltyBps: 50n,
  accountCapPercent: 20n,
  fundingCoefficientBps: 100n,
  fundingCapPpm: 1000n,
  allocationPercent: 20n,
  flags: MarketFlags.Listed,
};
const MARKET: Market = {
  longs: 0n,
  shorts: 0n,
  accruedAt: NOW - 100n,
  indexAt: NOW - 10n,
  funding: 0n,
  index: 3000n * WAD,
  fundingRate: 0n,
  cash: 0n,
  skewSeconds: 0n,
};

const positionOf = (size: bigint, cash = 0n): Position => ({ size, cash, checkpoint: 0n, generation: 0n });

function accountOf(n: number, margin: bigint, positions: [number, Position][], claim = 0n): AccountSnapshot {
  const account = { ...ACCOUNT, margin };
  return { id: idOf(n), account, positions: new Map(positions), claim, collectable: false, flaggedAt: 0n };
}

/** Markets and accounts with the same of everything in the index and beside it. */
class Book {
  readonly index = new HealthIndex();
  readonly markets = new Map<number, Stored>();
  readonly accounts = new Map<string, AccountSnapshot>();
  readonly bands = new Map<number, Band>();
  now = NOW;

  setMarket(id: number, market: Market, config: MarketConfig, band?: Band): void {
    this.markets.set(id, { market, config });
    this.index.setMarket(id, market, config);
    if (band) this.bands.set(id, band);
  }

  setAccount(account: AccountSnapshot): void {
    this.accounts.set(account.id, account);
    this.index.setAccount(account);
  }

  delete(id: AccountSnapshot['id']): void {
    this.accounts.delete(id);
    this.index.delete(id);
  }

  get judged() {
    return judgedMarkets(this.markets, this.bands, this.now);
  }

  get plain() {
    return listPlainly(this.accounts.values(), this.judged);
  }

  get due() {
    return this.index.due(this.bands, this.now);
  }

  /** An account whose equity is `above` maintenance, in units of 10^-30 USD, at the present bands. */
  setAt(n: number, above: bigint, positions: [number, Position][], margin = 0n, claim = 0n): void {
    const weighed = weighPlainly(accountOf(n, margin, positions, claim), this.judged);
    const [[market, position]] = positions as [[number, Position]];
    const cash = position.cash + (weighed?.maintenance ?? 0n) - (weighed?.equity ?? 0n) + above;
    this.setAccount(accountOf(n, margin, [[market, { ...position, cash }], ...positions.slice(1)], claim));
  }
}

type Uniform = () => number;
const pick = <T>(uniform: Uniform, list: readonly T[]): T => list[Math.floor(uniform() * list.length)] as T;
const between = (uniform: Uniform, lo: bigint, hi: bigint): bigint =>
  lo + (BigInt(Math.floor(uniform() * 2 ** 52)) * (hi - lo)) / 2n ** 52n;

const PRICES = [1n, 10n ** 6n, 10n ** 15n, WAD, 3000n * WAD, 64_321n * WAD + 12_345n, 10n ** 26n];
const SIZES = [1n, 7n, 10n ** 6n, UNIT - 1n, UNIT, 2n * UNIT, 500n * UNIT, 10n ** 6n * UNIT, 2n ** 87n - 1n];

function setMarketAtRandom(book: Book, id: number, uniform: Uniform): void {
  const index = pick(uniform, PRICES);
  const from = { ...CONFIG, initialMarginBps: between(uniform, 200n, 2000n), flags: 0n };
  const to = { ...from, skewScale: from.skewScale * 2n, maintenanceMarginBps: between(uniform, 60n, 160n) };
  const start = book.now - 40_000n;
  const ramp = { from, to, startedAt: start, endsAt: start + 86_400n, keeperFeeCents: 0n };
  const { config } = ParameterRamp.dueAt(ramp, book.now - between(uniform, 0n, 40_000n));
  const bound = 64n * index;
  const market: Market = {
    ...MARKET,
    index,
    longs: between(uniform, 0n, 10n ** 7n * UNIT),
    shorts: between(uniform, 0n, 10n ** 7n * UNIT),
    accruedAt: book.now - between(uniform, 0n, 10_000n),
    funding: pick(uniform, [0n, bound, -bound, bound - 1n, between(uniform, -bound, bound)]),
    fundingRate: between(uniform, -(10n ** 15n), 10n ** 15n),
  };
  const width = between(uniform, 0n, index / 100n);
  const slope = pick(uniform, [0n, 1n, 10_000n, 50_000n]);
  const flags = MarketFlags.Listed | pick(uniform, [0n, MarketFlags.Deleveraged]);
  book.setMarket(id, market, { ...config, marginSlopeBps: slope, flags }, { lo: index - width, hi: index + width });
}

/** Most of them close to maintenance, some of them exactly there. */
function setAccountAtRandom(book: Book, n: number, uniform: Uniform): void {
  const ids = [...book.markets.keys()].filter(() => uniform() < 0.4).slice(0, 8);
  const positions = ids.map((id): [number, Position] => {
    const size = uniform() < 0.05 ? 0n : pick(uniform, SIZES) * pick(uniform, [1n, -1n]);
    return [id, positionOf(size, between(uniform, -(10n ** 34n), 10n ** 34n))];
  });
  const margin = pick(uniform, [0n, 1n, between(uniform, 0n, 10n ** 24n)]);
  const claim = pick(uniform, [0n, 0n, 1n, between(uniform, 0n, 10n ** 22n)]);
  const far = between(uniform, -(10n ** 33n), 10n ** 33n);
  const above = pick(uniform, [0n, 0n, -1n, -1n, 1n, RAW_PER_WAD, -RAW_PER_WAD, far, far]);
  if (positions.length === 0) book.setAccount(accountOf(n, margin, [], claim));
  else book.setAt(n, above, positions, margin, claim);
}

function bookAtRandom(uniform: Uniform, accounts: number): Book {
  const book = new Book();
  for (let id = 0; id < 10; id++) setMarketAtRandom(book, id, uniform);
  for (let n = 0; n < accounts; n++) setAccountAtRandom(book, n, uniform);
  return book;
}

describe('HealthIndex', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('lists exactly those below maintenance, book %i', (seed) => {
    const uniform = generator(seed);
    const book = bookAtRandom(uniform, 300);
    expect(book.plain.length).toBeGreaterThan(50);
    expect(book.due).toEqual(book.plain);
  });

  it.each([11, 12, 13])('stays exact whatever changes, book %i', (seed) => {
    const uniform = generator(seed);
    const book = bookAtRandom(uniform, 120);
    const changes: Record<string, () => void> = {
      account: () => setAccountAtRandom(book, Math.floor(uniform() * 140), uniform),
      close: () => book.delete(idOf(Math.floor(uniform() * 140))),
      market: () => setMarketAtRandom(book, Math.floor(uniform() * 10), uniform),
      band: () => {
        const id = Math.floor(uniform() * 10);
        const { lo, hi } = book.bands.get(id) ?? { lo: 1n, hi: 1n };
        book.bands.set(id, { lo: lo - lo / 50n, hi: hi - hi / 50n });
      },
      noBand: () => book.bands.delete(Math.floor(uniform() * 10)),
      settled: () => {
        const { market, config } = book.markets.get(9) as Stored;
        book.setMarket(9, market, { ...config, flags: config.flags ^ MarketFlags.Settled });
      },
      time: () => {
        book.now += between(uniform, 1n, 5000n);
      },
    };
    for (let step = 0; step < 100; step++) {
      const name = pick(uniform, Object.keys(changes));
      changes[name]?.();
      expect(book.due, `step ${step}, ${name}`).toEqual(book.plain);
      expect(book.index.size).toBe(book.accounts.size);
    }
  });

  it('tells one unit of equity apart at every size', () => {
    const book = new Book();
    book.setMarket(0, { ...MARKET, funding: 17n }, CONFIG, { lo: 2999n * WAD, hi: 3001n * WAD + 1n });
    book.setMarket(1, { ...MARKET, funding: -(64n * MARKET.index) }, CONFIG, { lo: 1n, hi: 3n });
    const expected = new Set<string>();
    let n = 0;
    for (const size of SIZES)
      for (const sign of [1n, -1n])
        for (const other of [positionOf(sign * 3n, 10n ** 30n), positionOf(-size)])
          for (const above of [-1n, 0n, 1n]) {
            book.setAt(n, above, [
              [0, positionOf(size * sign)],
              [1, other],
            ]);
            if (above < 0n) expected.add(idOf(n));
            n++;
          }
    expect(new Set(book.due.map(({ id }) => id))).toEqual(expected);
    expect(book.index.uncertain).toBe(n);
  });

  it('knows both ends of the reward', () => {
    const book = new Book();
    book.setMarket(0, { ...MARKET, index: 1000n * WAD }, CONFIG, { lo: 1000n * WAD, hi: 1000n * WAD });
    let n = 0;
    // 10 bp of 2,000 USD are the least reward, of 500,000 USD the most.
    for (const size of [2n * UNIT, 500n * UNIT])
      for (const beside of [-1n, 0n, 1n])
        for (const above of [-1n, 0n]) book.setAt(n++, above, [[0, positionOf(size + beside)]]);
    expect(book.due).toEqual(book.plain);
    expect(book.due).toHaveLength(6);
  });

  it('proves nearly all of an ordinary book without exact arithmetic', () => {
    const uniform = generator(21);
    const book = new Book();
    for (let id = 0; id < 5; id++) book.setMarket(id, MARKET, CONFIG, { lo: 2990n * WAD, hi: 3010n * WAD });
    for (let n = 0; n < 1000; n++) {
      const size = between(uniform, UNIT, 100n * UNIT) * pick(uniform, [1n, -1n]);
      book.setAccount(
        accountOf(n, between(uniform, 0n, 30_000n * WAD), [[n % 5, positionOf(size, -size * 3000n * WAD)]]),
      );
    }
    expect(book.due.length).toBeGreaterThan(100);
    expect(book.due.length).toBeLessThan(900);
    expect(book.due).toEqual(book.plain);
    expect(book.index.uncertain).toBe(0);
  });

  it('judges as the contract does', () => {
    const uniform = generator(31);
    const book = new Book();
    const state = initialState(`0x${'a1'.repeat(20)}`);
    for (let id = 0; id < 4; id++) {
      const index = pick(uniform, [WAD, 3000n * WAD, 60_000n * WAD]);
      const open = { longs: 9000n * UNIT, shorts: 8000n * UNIT, fundingRate: 10n ** 14n, funding: index / 100n };
      const market = { ...MARKET, ...open, index };
      book.setMarket(id, market, CONFIG, { lo: index - index / 200n, hi: index + index / 300n });
      state.markets.set(BigInt(id), market);
      state.configs.set(BigInt(id), CONFIG);
      state.marketCount++;
    }
    const price = (id: number) => {
      const { lo, hi } = book.bands.get(id) as Band;
      return { mid: (lo + hi) / 2n, lo, hi, halfWidth: (hi - lo) / 2n, publishTime: NOW, state: 0 };
    };
    for (let n = 0; n < 200; n++) {
      const ids = [0, 1, 2, 3].filter((id) => id === n % 4 || uniform() < 0.4);
      const positions = ids.map((id): [number, Position] => {
        const size = between(uniform, UNIT / 100n, 100n * UNIT) * pick(uniform, [1n, -1n]);
        return [id, positionOf(size, -size * price(id).mid)];
      });
      const far = between(uniform, -(10n ** 33n), 10n ** 34n);
      book.setAt(n, pick(uniform, [-1n, 0n, 1n, far]), positions, 10n ** 20n, pick(uniform, [0n, 10n ** 19n]));
    }
    const due = new Map(book.due.map((one) => [one.id, one]));
    for (const { id, account, positions, claim } of book.accounts.values()) {
      const markets = [...positions.keys()].reduce((all, market) => all | (1n << BigInt(market)), 0n);
      state.accounts.set(id, { ...account, markets });
      state.claimOf.set(id, { amount: claim, factor: 1n, round: 0n });
      for (const [market, position] of positions) state.positions.set(`${id}/${market}`, position);
      const { liquidation } = Engine.previewLiquidation(state, NOW, id, [...positions.keys()].map(price));
      expect(liquidation.due, id).toBe(due.has(id));
      if (!liquidation.due) continue;
      const { equity, maintenance } = liquidation;
      expect(due.get(id)).toMatchObject({ maintenance, equity: FixedPoint.divFloor(equity, RAW_PER_WAD) });
    }
    expect(due.size).toBeGreaterThan(40);
  });

  it('leaves out who holds what has no price', () => {
    const book = new Book();
    const band = { lo: 3000n * WAD, hi: 3000n * WAD };
    book.setMarket(0, MARKET, CONFIG, band);
    book.setMarket(1, MARKET, CONFIG);
    book.setMarket(2, MARKET, { ...CONFIG, flags: CONFIG.flags | MarketFlags.Settled }, band);
    book.bands.set(3, band);
    const lost = positionOf(UNIT, -(10n ** 36n));
    for (const other of [1, 2, 3])
      book.setAccount(
        accountOf(other, 0n, [
          [0, lost],
          [other, lost],
        ]),
      );
    expect(book.due).toEqual([]);
    book.setAccount(accountOf(0, 0n, [[0, lost]]));
    expect(book.due.map(({ id }) => id)).toEqual([idOf(0)]);
  });

  it('leaves to exact arithmetic what has no columns and what costs less than nothing', () => {
    const book = new Book();
    for (let id = 0; id < 12; id++) book.setMarket(id, MARKET, CONFIG, { lo: 2900n * WAD, hi: 3100n * WAD });
    book.setMarket(64, MARKET, CONFIG, { lo: 2900n * WAD, hi: 3100n * WAD });
    book.setMarket(12, MARKET, CONFIG, { lo: -5n, hi: 10n });
    const all = Array.from({ length: 12 }, (_, id): [number, Position] => [id, positionOf(-UNIT)]);
    for (const [offset, above] of [-1n, 0n].entries()) {
      book.setAt(offset, above, all);
      book.setAt(10 + offset, above, [[64, positionOf(UNIT)]]);
      book.setAt(20 + offset, above, [[12, positionOf(-UNIT)]]);
    }
    expect(book.due).toEqual(book.plain);
    expect(book.due.map(({ id }) => id).sort()).toEqual([idOf(0), idOf(10), idOf(20)].sort());
  });

  it('orders equal shortfalls by id', () => {
    const book = new Book();
    book.setMarket(0, MARKET, CONFIG, { lo: 3000n * WAD, hi: 3000n * WAD });
    for (const n of [5, 3, 9, 1]) book.setAccount(accountOf(n, 0n, [[0, positionOf(n === 9 ? 2n * UNIT : UNIT)]]));
    expect(book.due).toEqual([]);
    for (const n of [5, 3, 9, 1]) book.setAt(n, n === 9 ? -(10n ** 20n) : -(10n ** 15n), [[0, positionOf(UNIT)]]);
    expect(book.due.map(({ id }) => id)).toEqual([9, 1, 3, 5].map(idOf));
  });

  it('gives back what it was given', () => {
    const index = new HealthIndex();
    const accounts = Array.from({ length: 200 }, (_, n) => accountOf(n, 1n, [[n % 3, positionOf(UNIT)]]));
    for (const account of accounts) index.setAccount(account);
    const [first, second] = accounts as [AccountSnapshot, AccountSnapshot];
    expect([index.size, index.get(first.id)]).toEqual([200, first]);
    expect([...index.holders(1)]).toEqual(accounts.filter((_, n) => n % 3 === 1).map(({ id }) => id));
    index.delete(first.id);
    index.delete(first.id);
    expect([index.size, index.get(first.id)]).toEqual([199, undefined]);
    expect([...index.accounts()]).toEqual(accounts.slice(1));
    index.setAccount({ ...second, claim: 7n });
    index.setAccount(accountOf(777, 0n, []));
    expect([index.size, index.get(second.id)?.claim]).toEqual([200, 7n]);
    expect([...index.accounts()].map(({ id }) => id)).toContain(idOf(777));
  });
});
