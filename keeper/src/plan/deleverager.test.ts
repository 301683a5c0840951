import { accountId, DeleveragingMath, type Market } from '@tidemark/sdk';
import { describe, expect, it } from 'vitest';
import type { AccountSnapshot } from '../snapshot.ts';
import {
  at,
  config,
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
  stored,
  UNIT,
  USD,
} from './fixtures.ts';

describe('positions and claims', () => {
  it('takes positions out of a settled market and asks nothing else of it', () => {
    const over = at(0, {
      config: { ...config, flags: 17n },
      market: stored({ indexAt: NOW - 9000n, accruedAt: NOW - 9000n }),
      quote: null,
    });
    const account = owned(0n, 1n);
    const position = { size: UNIT, cash: -9000n * 10n ** 30n, checkpoint: 0n, generation: 0n };
    const holder: AccountSnapshot = {
      id: accountId(OWNER),
      account,
      positions: new Map([[0, position]]),
      claim: 0n,
      collectable: false,
      flaggedAt: 0n,
    };
    const vault = { settledEpoch: 0n, requests: 1n };
    const held = at(1, { market: stored({ longs: UNIT }) });
    expect(planned([over, held], { accounts: [holder], vault })).toMatchObject([
      { kind: 'settlePosition', account: holder.id, market: 0 },
      { kind: 'settleEpoch', markets: [1] },
    ]);
  });

  it('collects no claim while orders of the account are pending', () => {
    const over = at(0, { config: { ...config, flags: 17n } });
    const position = { size: UNIT, cash: 0n, checkpoint: 0n, generation: 0n };
    const kindsAfter = (age: bigint) => {
      const account = { ...owned(0n, 1n), pending: 1n, committedAt: NOW - age };
      const holder = {
        id: accountId(OWNER),
        account,
        positions: new Map([[0, position]]),
        claim: 5n,
        collectable: true,
        flaggedAt: 0n,
      };
      return kinds(planned([over], { accounts: [holder] }));
    };
    expect(kindsAfter(59n)).toEqual(['settlePosition']);
    expect(kindsAfter(60n)).toEqual(['settlePosition', 'collectClaim']);
  });

  it('collects what is paid on claims', () => {
    const positions = new Map();
    const account = owned(0n, 0n);
    const claimant = { id: accountId(OWNER), account, positions, claim: 5n, collectable: true, flaggedAt: 0n };
    expect(planned([at(0)], { accounts: [claimant] })).toMatchObject([{ kind: 'collectClaim', account: claimant.id }]);
  });

  it('takes 32 positions out at once', () => {
    const over = at(0, { config: { ...config, flags: 17n } });
    const accounts = Array.from({ length: 40 }, (_, n) => long(0n, { id: accountId(OWNER, BigInt(n)) }));
    expect(planned([over], { accounts })).toHaveLength(32);
  });
});

describe('deleveraging', () => {
  const pool = { cash: 1_000_000n * USD, fees: 0n, claims: 0n, insurance: 0n, treasury: 0n };
  /** Longs alone, bought at 2,000. */
  const oneSided = (units: bigint, changes: Partial<Market> = {}) =>
    stored({ longs: units * UNIT, cash: -2000n * USD * units * UNIT, indexAt: NOW - 5n, ...changes });

  it('comes above 140 % of the allocation at the prices at hand, and brings those of all markets', () => {
    // 20 % of 1,400 · 2,000 are 140 % of 40 % of the pool, before the skew reserve.
    const deleveraging = (units: bigint) => planned([at(0, { market: oneSided(units) }), at(1)], { pool });
    const reserve = (units: bigint) => 2000n * units * units * UNIT * UNIT * USD;
    const exceeds = (units: bigint) => {
      const nav = pool.cash * UNIT - reserve(units) / (2n * config.skewScale * 1_000_000n);
      const { exposure, limit } = DeleveragingMath.reductionOf(oneSided(units), config, nav);
      return exposure > limit;
    };
    expect([exceeds(1100n), exceeds(1400n)]).toEqual([false, true]);
    expect(deleveraging(1100n)).toEqual([]);
    expect(deleveraging(1400n)).toEqual([{ key: 'deleverage 0', kind: 'deleverage', market: 0, markets: [0, 1] }]);
  });

  it('measures at the quote, not at the stored index', () => {
    const risen = (price: bigint) =>
      at(0, { market: oneSided(1100n), quote: quoted({ price }), anchor: quoted({ price }) });
    expect(kinds(planned([risen(2000n * USD)], { pool }))).not.toContain('deleverage');
    expect(kinds(planned([risen(2200n * USD)], { pool }))).toContain('deleverage');
  });

  it('waits for a young price of every market in a state that permits it, and for the end of a pause', () => {
    const over = at(0, { market: oneSided(1400n) });
    const old = at(1, { market: stored({ indexAt: NOW - 20n }), quote: quoted({ publishTime: NOW - 16n }) });
    expect(planned([over, old], { pool })).toEqual([]);
    expect(planned([over, at(1, { anchor: null })], { pool })).toEqual([]);
    expect(kinds(planned([over, at(1, { anchor: null, config: { ...config, flags: 17n } })], { pool }))).toEqual([
      'deleverage',
    ]);
    expect(planned([over], { pool, pauseLevel: 2 })).toEqual([]);
  });

  it('makes no cut of less than a hundredth, and none of a balanced market', () => {
    const balanced = { ...oneSided(1400n), shorts: 1400n * UNIT, cash: 0n };
    expect(planned([at(0, { market: balanced })], { pool })).toEqual([]);
    // Worth so much that nothing is to be cut any more.
    const worth = { ...balanced, cash: 10n ** 36n };
    expect(planned([at(0, { market: worth })], { pool })).toEqual([]);
  });
});

describe('crystallising', () => {
  const owing = (claims: bigint) => ({
    pool: { cash: 10n ** 24n, fees: 0n, claims, insurance: 0n, treasury: 0n },
    roles: ['deleverager'],
  });
  /** Healthy, with a loss of so many dollars at the favourable price of 2,001. */
  const losing = (n: number, loss: bigint, margin = 1000n * USD): AccountSnapshot =>
    holder({
      id: accountId(OWNER, BigInt(n)),
      account: owned(margin, 1n),
      positions: new Map([[0, { ...position(UNIT), cash: -(2001n + loss) * USD * UNIT }]]),
    });
  const crystallised = (accounts: AccountSnapshot[], claims: bigint, market = at(0)) =>
    planned([market], { ...owing(claims), accounts }).flatMap((action) =>
      action.kind === 'crystallise' ? [action.account] : [],
    );
  const id = (n: number) => accountId(OWNER, BigInt(n));

  it('comes only while claims are unpaid, of the largest losses, as many as pay them', () => {
    const accounts = [losing(1, 100n), losing(2, 300n), losing(3, 200n)];
    expect(crystallised(accounts, 0n)).toEqual([]);
    expect(crystallised(accounts, 299n * USD)).toEqual([id(2)]);
    expect(crystallised(accounts, 301n * USD)).toEqual([id(2), id(3)]);
    expect(crystallised(accounts, 9000n * USD)).toEqual([id(2), id(3), id(1)]);
  });

  it('takes no more than the margin has, and nothing below ten dollars', () => {
    expect(crystallised([losing(1, 300n, 200n * USD), losing(2, 250n)], 9000n * USD)).toEqual([id(2), id(1)]);
    expect(crystallised([losing(1, 9n), losing(2, 10n), losing(3, -50n)], 9000n * USD)).toEqual([id(2)]);
  });

  it('needs a price in Normal', () => {
    const accounts = [losing(1, 100n)];
    const guarded = { ...rules, breakerFrom: NOW - 10n, breakerUntil: NOW + 10n };
    expect(crystallised(accounts, 9000n * USD, at(0, { rules: guarded }))).toEqual([]);
    expect(crystallised(accounts, 9000n * USD, at(0, { anchor: null }))).toEqual([]);
    expect(crystallised(accounts, 9000n * USD, at(0, { quote: null }))).toEqual([]);
  });
});
