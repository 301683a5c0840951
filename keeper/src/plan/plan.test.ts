import {
  type Account,
  accountId,
  type Market,
  type MarketConfig,
  type Order,
  PriceState,
  packOrder,
} from '@tidemark/sdk';
import { describe, expect, it } from 'vitest';
import type { Action } from '../actions.ts';
import type { AccountSnapshot, MarketSnapshot, PendingBatch, Quote, Snapshot } from '../snapshot.ts';
import { DEFAULT_SETTINGS, plan, waiting } from './index.ts';

const NOW = 1_700_000_000n - (1_700_000_000n % 3600n) + 1800n;
const USD = 10n ** 18n;
const UNIT = 10n ** 12n;
const OWNER = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';

const config: MarketConfig = {
  skewScale: 10_000_000_000n,
  initialMarginBps: 1000n,
  maintenanceMarginBps: 600n,
  marginSlopeBps: 10_000n,
  skewCapBps: 200n,
  openInterestCapBps: 400n,
  profitWeightBps: 8000n,
  makerFeePpm: 200n,
  takerFeePpm: 500n,
  penaltyBps: 50n,
  accountCapPercent: 100n,
  fundingCoefficientBps: 250n,
  fundingCapPpm: 500n,
  allocationPercent: 40n,
  flags: 1n,
};

const stored = (changes: Partial<Market> = {}): Market => ({
  longs: 0n,
  shorts: 0n,
  accruedAt: NOW,
  indexAt: NOW,
  funding: 0n,
  index: 2000n * USD,
  fundingRate: 0n,
  cash: 0n,
  skewSeconds: 0n,
  ...changes,
});

const owned = (margin: bigint, markets: bigint): Account => ({
  margin,
  committedAt: 0n,
  markets,
  moments: 0n,
  purge: 0n,
  market: 0n,
  pending: 0n,
  volume: 0n,
});

const quoted = (changes: Partial<Quote> = {}): Quote => ({
  price: 2000n * USD,
  confidence: USD / 2n,
  publishTime: NOW,
  ...changes,
});

const at = (id: number, changes: Partial<MarketSnapshot> = {}): MarketSnapshot => ({
  id,
  market: stored(),
  config,
  pending: [],
  quote: quoted(),
  state: PriceState.Normal,
  storedAt: NOW,
  anchor: quoted(),
  observedAt: NOW,
  pushed: null,
  ...changes,
});

const snapshot = (markets: MarketSnapshot[], changes: Partial<Snapshot> = {}): Snapshot => ({
  block: 1n,
  now: NOW,
  pauseLevel: 0,
  pegChanged: false,
  appraisedAt: NOW,
  markets,
  accounts: [],
  orders: [],
  vault: null,
  proposals: [],
  pauseExpired: false,
  ...changes,
});

const order = (n: number): Order => packOrder({ account: accountId(OWNER), sizeDelta: BigInt(n), limitPrice: 0n });
const batch = (index: bigint, committedAt: bigint, count = 1): PendingBatch => ({
  index,
  committedAt,
  orders: Array.from({ length: count }, (_, i) => order(Number(index) * 100 + i + 1)),
});
const planned = (markets: MarketSnapshot[], changes: Partial<Snapshot> = {}) => plan(snapshot(markets, changes));
const kinds = (actions: Action[]) => actions.map(({ kind }) => kind);

describe('settling', () => {
  const waiting = (age: bigint, published: bigint) =>
    planned([at(0, { pending: [batch(7n, NOW - age)], quote: quoted({ publishTime: NOW - age + published }) })]);

  it.each([
    [0n, []],
    [1n, []],
    [2n, ['settle']],
    [12n, ['settle']],
    [40n, ['settle']],
  ])('with a price published %s s after the commit plans %j', (published, expected) => {
    expect(kinds(waiting(published, published))).toEqual(expected);
  });

  it('is planned while a later block is still inside the minute, and expiry after it', () => {
    expect(kinds(waiting(59n, 59n))).toEqual(['settle']);
    expect(kinds(waiting(60n, 60n))).toEqual([]);
    expect(kinds(waiting(61n, 61n))).toEqual(['expire']);
  });

  it('takes together only what was committed at one time, in the order of the queue', () => {
    const pending = [batch(3n, NOW - 6n), batch(4n, NOW - 6n, 2), batch(5n, NOW - 4n)];
    const actions = planned([at(0, { pending })]);
    expect(actions).toMatchObject([
      { kind: 'settle', index: 3n, committedAt: NOW - 6n, follows: false },
      { kind: 'settle', index: 5n, committedAt: NOW - 4n, follows: true },
    ]);
    expect((actions[0] as Action & { kind: 'settle' }).batches).toEqual([pending[0]?.orders, pending[1]?.orders]);
  });

  it('leaves what is not published yet behind what is', () => {
    const actions = planned([at(0, { pending: [batch(3n, NOW - 2n), batch(4n, NOW - 1n)] })]);
    expect(actions).toMatchObject([{ kind: 'settle', index: 3n }]);
  });

  it('splits more orders than one call takes between batches', () => {
    const pending = [batch(0n, NOW - 4n, 32), batch(1n, NOW - 4n, 32), batch(2n, NOW - 4n, 1)];
    const actions = planned([at(0, { pending })]) as (Action & { kind: 'settle' })[];
    expect(actions.map(({ batches }) => batches.length)).toEqual([2, 1]);
  });

  it('never stops at a batch larger than the limit', () => {
    const [action] = plan(snapshot([at(0, { pending: [batch(0n, NOW - 4n, 32)] })]), {
      ...DEFAULT_SETTINGS,
      maxOrders: 8,
    });
    expect(action?.kind).toBe('settle');
  });

  it('expires what is over and goes on to what is not in a later turn', () => {
    const pending = [batch(1n, NOW - 90n), batch(2n, NOW - 61n), batch(3n, NOW - 10n)];
    expect(planned([at(0, { pending })])).toMatchObject([{ kind: 'expire', market: 0, count: 2 }]);
  });

  it('settles up to a batch whose orders are unknown, which can only expire', () => {
    const unknown = (index: bigint, age: bigint) => ({ ...batch(index, NOW - age), orders: null });
    expect(planned([at(0, { pending: [batch(0n, NOW - 4n), unknown(1n, 4n), batch(2n, NOW - 4n)] })])).toMatchObject([
      { kind: 'settle', index: 0n, batches: [[{}]] },
    ]);
    expect(planned([at(0, { pending: [unknown(1n, 4n)] })])).toEqual([]);
    expect(planned([at(0, { pending: [unknown(1n, 61n)] })])).toMatchObject([{ kind: 'expire', count: 1 }]);
  });

  it('waits for a price service that is lost', () => {
    expect(planned([at(0, { pending: [batch(0n, NOW - 4n)], quote: null })])).toEqual([]);
  });
});

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

describe('liquidating', () => {
  /** 1 ETH long, bought at the index for 2,000. */
  const long = (margin: bigint, changes: Partial<AccountSnapshot> = {}): AccountSnapshot => ({
    id: accountId(OWNER),
    account: owned(margin, 1n),
    positions: new Map([[0, { size: UNIT, cash: -2000n * USD * UNIT, checkpoint: 0n, generation: 0n }]]),
    claim: 0n,
    collectable: false,
    flaggedAt: 0n,
    ...changes,
  });
  const liquidating = (margin: bigint, quote = quoted(), changes: Partial<AccountSnapshot> = {}) =>
    kinds(planned([at(0, { quote })], { accounts: [long(margin, changes)] }));

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

describe('the vault and claims', () => {
  const vault = { settledEpoch: NOW / 3600n - 2n, requests: 1n };
  const boundary = NOW - 1800n;

  it('settles an epoch 15 s after its boundary', () => {
    const young = (now: bigint) => [
      at(0, { market: stored({ accruedAt: now, indexAt: now }), quote: quoted({ publishTime: now }) }),
    ];
    const last = { settledEpoch: boundary / 3600n - 1n, requests: 1n };
    for (const [now, expected] of [
      [boundary + 14n, []],
      [boundary + 15n, ['settleEpoch']],
    ] as const) {
      expect(kinds(planned(young(now), { now, vault: last }))).toEqual(expected);
    }
  });

  it('leaves an epoch without requests for a day, or without prices', () => {
    const idle = (epochs: bigint) => planned([at(0)], { vault: { settledEpoch: NOW / 3600n - epochs, requests: 0n } });
    expect(idle(23n)).toEqual([]);
    expect(kinds(idle(24n))).toEqual(['settleEpoch']);
    const held = stored({ shorts: UNIT });
    expect(planned([at(0), at(1, { market: held, quote: quoted({ publishTime: NOW - 16n }) })], { vault })).toEqual([]);
  });

  it('brings the prices of markets with open interest, whatever the others’ are', () => {
    const held = at(1, { market: stored({ longs: UNIT }) });
    expect(planned([at(0, { quote: null }), held], { vault })).toMatchObject([{ kind: 'settleEpoch', markets: [1] }]);
    expect(planned([at(0, { quote: null })], { vault })).toMatchObject([{ kind: 'settleEpoch', markets: [] }]);
  });

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
});

describe('appraising', () => {
  const last = { appraisedAt: NOW - 3600n };

  it('comes once an hour, when the funding of every market is sealed at a young index', () => {
    expect(planned([at(0), at(1)], last)).toMatchObject([{ kind: 'appraise' }]);
    expect(planned([at(0), at(1)], { appraisedAt: NOW - 1799n })).toEqual([]);
    expect(planned([], last)).toEqual([]);
  });

  it('waits for the index and the seal of each market', () => {
    const old = at(1, { market: stored({ indexAt: NOW - 46n }) });
    expect(kinds(planned([at(0), old], last))).toEqual(['updateIndices']);
    const unsealed = at(1, { market: stored({ accruedAt: NOW - 1801n, indexAt: NOW - 5n }) });
    expect(kinds(planned([at(0), unsealed], last))).toEqual(['updateIndices']);
    const young = at(1, { market: stored({ indexAt: NOW - 29n }) });
    expect(kinds(planned([at(0), young], last))).toEqual(['appraise']);
  });

  it('stops with everything else at level 2', () => {
    expect(kinds(planned([at(0)], { ...last, pauseLevel: 1 }))).toEqual(['appraise']);
    expect(planned([at(0)], { ...last, pauseLevel: 2 })).toEqual([]);
  });
});

describe('pauses', () => {
  const busy = [at(0, { pending: [batch(1n, NOW - 4n)], market: stored({ indexAt: NOW - 50n }) })];
  const vault = { settledEpoch: 0n, requests: 1n };

  it.each([
    [0, ['settle', 'updateIndices', 'settleEpoch']],
    [1, ['settle', 'updateIndices']],
    [2, []],
  ])('level %s leaves %j', (pauseLevel, expected) => {
    expect(kinds(planned(busy, { pauseLevel, vault }))).toEqual(expected);
  });

  it('never stops expiry', () => {
    expect(kinds(planned([at(0, { pending: [batch(1n, NOW - 70n)] })], { pauseLevel: 2 }))).toEqual(['expire']);
  });
});

describe('any queue', () => {
  /** mulberry32 */
  function seeded(seed: number): (below: number) => number {
    let state = seed;
    return (below) => {
      state = (state + 0x6d2b79f5) | 0;
      let t = Math.imul(state ^ (state >>> 15), 1 | state);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return ((t ^ (t >>> 14)) >>> 0) % below;
    };
  }

  it('is planned from its head, whole batches of one time, in time, each action once', () => {
    const settled = { expire: 0, settle: 0, none: 0 };
    for (let seed = 0; seed < 2_000; seed++) {
      const random = seeded(seed);
      let committedAt = NOW - BigInt(random(80));
      const pending = Array.from({ length: random(10) }, (_, i) => {
        committedAt += BigInt(random(3));
        return batch(BigInt(i + 40), committedAt > NOW ? NOW : committedAt, 1 + random(32));
      });
      const publishTime = NOW - BigInt(random(20));
      const actions = planned([at(0, { pending, quote: quoted({ publishTime }) })]);
      expect(new Set(actions.map(({ key }) => key)).size).toBe(actions.length);
      settled[actions.some((a) => a.kind === 'expire') ? 'expire' : actions.length > 0 ? 'settle' : 'none']++;

      const flat = pending.map(({ orders }) => orders);
      const settlements = actions.filter((action) => action.kind === 'settle');
      expect(settlements.flatMap(({ batches }) => batches)).toEqual(
        flat.slice(
          0,
          settlements.reduce((sum, { batches }) => sum + batches.length, 0),
        ),
      );
      for (const { index, batches, committedAt } of settlements) {
        const from = Number(index - 40n);
        expect(pending.slice(from, from + batches.length).every((b) => b.committedAt === committedAt)).toBe(true);
        expect(publishTime).toBeGreaterThanOrEqual(committedAt + 2n);
        expect(NOW).toBeLessThan(committedAt + 60n);
        expect(batches.length === 1 || batches.flat().length <= 64).toBe(true);
      }
      const [expiry] = actions.filter((action) => action.kind === 'expire');
      if (expiry) expect(pending.slice(0, expiry.count).every((b) => NOW > b.committedAt + 60n)).toBe(true);
      if (expiry) expect(settlements).toEqual([]);
    }
    for (const count of Object.values(settled)) expect(count).toBeGreaterThan(100);
  });
});

describe('governing', () => {
  const passed = (dueAt: bigint | null) => [{ id: 7n, dueAt, expiresAt: NOW + 1000n }];

  it.each([
    [null, 'queueProposal', 'to be queued', NOW + 1000n],
    [NOW + 1n, undefined, 'for its time', NOW + 1n],
    [NOW, 'executeProposal', 'to be executed', NOW + 1000n],
    [NOW - 1n, 'executeProposal', 'to be executed', NOW + 1000n],
  ])('a proposal that is due at %s is planned as %s, and waits %s', (dueAt, kind, waits, until) => {
    const proposals = passed(dueAt);
    const actions = planned([at(0)], { proposals });
    expect(actions).toEqual(kind ? [{ key: `${kind} 7`, kind, proposal: 7n }] : []);
    const seen = snapshot([at(0)], { proposals });
    expect(waiting(seen)).toEqual([{ key: `7 ${waits}`, proposal: 7n, waits, until }]);
  });

  it('goes on under a full pause, and ends it when its time is over', () => {
    const under = { pauseLevel: 2, pauseExpired: true, proposals: passed(null) };
    expect(kinds(planned([at(0)], under))).toEqual(['expirePause', 'queueProposal']);
    expect(kinds(planned([at(0)], { ...under, pauseExpired: false }))).toEqual(['queueProposal']);
  });
});
