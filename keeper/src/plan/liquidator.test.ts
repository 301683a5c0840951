import { accountId, PriceState } from '@tidemark/sdk';
import { describe, expect, it } from 'vitest';
import type { Action } from '../actions.ts';
import type { AccountSnapshot, MarketSnapshot, Quote } from '../snapshot.ts';
import {
  at,
  holder,
  kinds,
  long,
  NOW,
  OWNER,
  owned,
  planned,
  position,
  quoted,
  rules,
  snapshot,
  stored,
  UNIT,
  USD,
} from './fixtures.ts';
import { plan } from './index.ts';

describe('liquidating', () => {
  /** At an index that every quote of the tests is newer than. */
  const market = stored({ indexAt: NOW - 20n });
  const liquidating = (margin: bigint, quote = quoted(), changes: Partial<AccountSnapshot> = {}) =>
    kinds(planned([at(0, { quote, market })], { accounts: [long(margin, changes)] }));

  it('begins below maintenance at the favourable end, by the contract’s numbers', () => {
    // Price 2001 in favour: gain 1, requirement 2001 · 6 % · (1 + 1e-4 · …) + 2.001.
    const size = UNIT;
    const ratio = 6n * 10n ** 16n + (10n ** 18n * size * 6n) / (10_000n * 10n ** 12n * 10n);
    const maintenance = (2001n * ratio) / 1n + (2001n * USD) / 1000n;
    expect(liquidating(maintenance - USD - USD / 100n)).toEqual(['liquidate']);
    expect(liquidating(maintenance - USD + USD / 100n)).toEqual([]);
  });

  it('counts a claim', () => {
    expect(liquidating(USD, quoted(), { claim: 200n * USD })).toEqual([]);
  });

  it('needs a young price of every market', () => {
    expect(liquidating(USD, quoted({ publishTime: NOW - 15n }))).toEqual(['liquidate']);
    expect(liquidating(USD, quoted({ publishTime: NOW - 16n }))).toEqual([]);
  });

  it('takes the better of both sources', () => {
    const judged = (price: bigint) =>
      kinds(planned([at(0, { anchor: quoted({ price }) })], { accounts: [long(121n * USD)] }));
    expect(judged(2000n * USD)).toEqual(['liquidate']);
    expect(judged(2010n * USD)).toEqual([]);
  });

  describe('where one source stands for both', () => {
    const doubtful = (changes: Partial<AccountSnapshot> = {}, market: Partial<MarketSnapshot> = {}, margin = USD) =>
      planned([at(0, { state: PriceState.Single, anchor: null, ...market })], { accounts: [long(margin, changes)] });

    it('flags first, waits a minute, liquidates for nine, and flags anew', () => {
      const flagged = (ago: bigint) => kinds(doubtful({ flaggedAt: NOW - ago }));
      expect(doubtful()).toEqual([
        { key: `flag ${accountId(OWNER)}`, kind: 'flag', account: accountId(OWNER), markets: [0] },
      ]);
      expect(flagged(0n)).toEqual([]);
      expect(flagged(59n)).toEqual([]);
      expect(flagged(60n)).toEqual(['liquidate']);
      expect(flagged(600n)).toEqual(['liquidate']);
      expect(flagged(601n)).toEqual(['flag']);
    });

    it('asks for no flag when nothing is left, and flags nobody whom the wider band keeps', () => {
      const long3000 = { size: UNIT, cash: -3000n * USD * UNIT, checkpoint: 0n, generation: 0n };
      expect(kinds(doubtful({ positions: new Map([[0, long3000]]) }))).toEqual(['liquidate']);
      // 30 bp of 2,000 in favour.
      expect(kinds(doubtful({}, {}, 118n * USD))).toEqual([]);
      expect(kinds(doubtful({}, { state: PriceState.Normal, anchor: quoted() }, 118n * USD))).toEqual(['liquidate']);
    });

    it('goes by Chainlink alone, bringing nothing, once Pyth has been silent', () => {
      const silent = (storedAt: bigint, anchor: Quote | null = quoted({ confidence: 0n })) =>
        doubtful({}, { state: PriceState.Normal, quote: null, storedAt, anchor });
      expect(silent(NOW - 360n)).toEqual([]);
      expect(silent(NOW - 361n)).toMatchObject([{ kind: 'flag', markets: [] }]);
      expect(silent(NOW - 361n, null)).toEqual([]);
    });

    it('needs none of what both sources stand behind', () => {
      expect(kinds(doubtful({}, { state: PriceState.Guarded, anchor: quoted() }))).toEqual(['liquidate']);
    });
  });
});

describe('a batch of liquidations', () => {
  /** The n-th of many: without equity, the later the deeper. */
  const broke = (n: number, markets: readonly number[] = [0]): AccountSnapshot =>
    holder({
      id: accountId(OWNER, BigInt(n)),
      account: owned(
        0n,
        markets.reduce((bits, market) => bits | (1n << BigInt(market)), 0n),
      ),
      positions: new Map(
        markets.map((market) => [market, { ...position(UNIT), cash: -(3000n + BigInt(n)) * USD * UNIT }]),
      ),
    });
  const many = (count: number, markets?: readonly number[]) =>
    Array.from({ length: count }, (_, n) => broke(n, markets));
  const batches = (actions: readonly Action[]) => actions.filter((action) => action.kind === 'liquidate');

  it('takes 32 accounts, the largest shortfall first, each once', () => {
    const planned32 = batches(planned([at(0)], { accounts: many(70) }));
    expect(planned32.map(({ accounts }) => accounts.length)).toEqual([32, 32, 6]);
    const order = Array.from({ length: 70 }, (_, n) => accountId(OWNER, BigInt(69 - n)));
    expect(planned32.flatMap(({ accounts }) => accounts)).toEqual(order);
    expect(new Set(planned32.map(({ key }) => key)).size).toBe(3);
  });

  it('stays under the gas that a block has', () => {
    const markets = [0, 1, 2, 3, 4, 5, 6, 7];
    const actions = batches(
      planned(
        markets.map((id) => at(id)),
        { accounts: many(40, markets) },
      ),
    );
    // 12 M less 0.2 M and 8 · 0.15 M, by 90,000 an account and as much a position.
    expect(actions.map(({ accounts }) => accounts.length)).toEqual([13, 13, 13, 1]);
  });

  it('brings once the prices of all its markets', () => {
    const actions = planned([at(0), at(1), at(2)], { accounts: [broke(1, [2]), broke(2, [0])] });
    expect(actions).toMatchObject([{ kind: 'liquidate', markets: [0, 2] }]);
  });

  it('brings nothing where a price is missing and the stored ones are young', () => {
    const index = { market: stored({ indexAt: NOW - 20n }) };
    const silent = at(1, { ...index, quote: null, stored: quoted({ publishTime: NOW - 5n }), storedAt: NOW - 5n });
    const known = at(0, { ...index, stored: quoted({ publishTime: NOW - 5n }), storedAt: NOW - 5n });
    const accounts = [broke(1, [0]), broke(2, [0, 1]), broke(3, [1])];
    expect(planned([known, silent], { accounts })).toMatchObject([
      { accounts: [accountId(OWNER, 2n), accountId(OWNER, 3n)], markets: [] },
      { accounts: [accountId(OWNER, 1n)], markets: [0] },
    ]);
  });

  it('leaves out whose market the oracle serves no price of, and whose meter is full', () => {
    const halted = at(1, { rules: { ...rules, haltedAt: NOW - 1n } });
    const accounts = [broke(1, [0]), broke(2, [0, 1])];
    expect(planned([at(0), halted], { accounts })).toMatchObject([{ accounts: [accountId(OWNER, 1n)] }]);
    const seen = snapshot([at(0)], { accounts: [broke(1)] });
    expect(plan({ ...seen, endangered: seen.endangered.map((one) => ({ ...one, metered: true })) })).toEqual([]);
  });

  it('has of accounts in the grace only those without equity', () => {
    const grace = at(0, { rules: { ...rules, sequencer: 1 } });
    expect(planned([grace], { accounts: [long(USD)] })).toEqual([]);
    expect(batches(planned([grace], { accounts: [broke(1)] }))).toHaveLength(1);
  });

  it('accrues funding between blocks', () => {
    // At 5 bp an hour a long of 2,000 loses $1 in an hour: in the last block it was just healthy.
    const skewed = (accruedAt: bigint) =>
      at(0, { market: stored({ longs: 10n ** 17n, fundingRate: 5n * 10n ** 14n, accruedAt, indexAt: NOW - 20n }) });
    const edge = 121_502_001n * (USD / 1_000_000n);
    expect(batches(planned([skewed(NOW)], { accounts: [long(edge)] }))).toEqual([]);
    expect(batches(planned([skewed(NOW - 1700n)], { accounts: [long(edge)] }))).toHaveLength(1);
  });
});
