import { type Account, accountId, type Market, type MarketConfig, type Order, PriceState } from '@tidemark/sdk';
import type { Action } from '../actions.ts';
import { HealthIndex } from '../health/healthIndex.ts';
import type { AccountSnapshot, MarketSnapshot, OracleRules, PendingBatch, Quote, Snapshot } from '../snapshot.ts';
import { findEndangered } from './endangered.ts';
import { plan } from './index.ts';

// Snapshots for the tests of the planners: markets at 2,000 in the middle of an hour, in which nothing is to be done.

export const NOW = 1_700_000_000n - (1_700_000_000n % 3600n) + 1800n;
export const USD = 10n ** 18n;
export const UNIT = 10n ** 12n;
export const OWNER = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';

export const config: MarketConfig = {
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

export const rules: OracleRules = {
  thresholdPpm: 5_000n,
  haltPpm: 30_000n,
  strainConfidencePpm: 5_000n,
  floor: USD,
  ceiling: 100_000n * USD,
  anchorOutside: false,
  haltedAt: 0n,
  breakerFrom: 0n,
  breakerUntil: 0n,
  sequencer: 0,
  mean: 2000n * USD,
};

export const stored = (changes: Partial<Market> = {}): Market => ({
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

export const owned = (margin: bigint, markets: bigint): Account => ({
  margin,
  committedAt: 0n,
  markets,
  moments: 0n,
  purge: 0n,
  market: 0n,
  pending: 0n,
  volume: 0n,
});

export const holder = (changes: Partial<AccountSnapshot> = {}): AccountSnapshot => ({
  id: accountId(OWNER),
  account: owned(0n, 1n),
  positions: new Map(),
  claim: 0n,
  collectable: false,
  flaggedAt: 0n,
  ...changes,
});

/** ETH, + long, bought at 2,000 each. */
export const position = (size: bigint) => ({ size, cash: -2000n * USD * size, checkpoint: 0n, generation: 0n });

/** 1 ETH long, bought at the index for 2,000. */
export const long = (margin: bigint, changes: Partial<AccountSnapshot> = {}): AccountSnapshot =>
  holder({ account: owned(margin, 1n), positions: new Map([[0, position(UNIT)]]), ...changes });

export const quoted = (changes: Partial<Quote> = {}): Quote => ({
  price: 2000n * USD,
  confidence: USD / 2n,
  publishTime: NOW,
  ...changes,
});

export const at = (id: number, changes: Partial<MarketSnapshot> = {}): MarketSnapshot => ({
  id,
  market: stored(),
  config,
  keeperFeeCents: 50n,
  schedule: null,
  settlesAt: 0n,
  closingPrice: 0n,
  pending: [],
  quote: quoted(),
  state: PriceState.Normal,
  storedAt: NOW,
  stored: null,
  anchor: quoted({ confidence: 0n }),
  rules,
  observedAt: NOW,
  pushed: null,
  ...changes,
});

/** What a snapshot is made from: of the accounts its lists are made as the observer makes them. */
export type Changes = Partial<Snapshot> & { accounts?: readonly AccountSnapshot[] };

export function snapshot(markets: readonly MarketSnapshot[], { accounts = [], ...changes }: Changes = {}): Snapshot {
  const now = changes.now ?? NOW;
  const health = new HealthIndex();
  for (const { id, market, config } of markets) health.setMarket(id, market, config);
  for (const account of accounts) health.setAccount(account);
  const over = markets.filter(({ config }) => (config.flags & 16n) !== 0n);
  return {
    block: 1n,
    now,
    pauseLevel: 0,
    pegChanged: false,
    offPeg: false,
    appraisedAt: NOW,
    pool: { cash: 10n ** 24n, fees: 0n, claims: 0n, insurance: 0n, treasury: 0n },
    markets,
    health,
    endangered: findEndangered(health, markets, now),
    collectable: accounts.filter(({ collectable }) => collectable),
    leaving: over.flatMap(({ id }) => [...health.holders(id)].map((account) => ({ account, market: id }))),
    orders: [],
    committing: [],
    vault: null,
    proposals: [],
    pauseExpired: false,
    ...changes,
  };
}

const account = accountId(OWNER);
const order = (n: number): Order => ({ account, terms: BigInt(n), extras: 0n });

export const batch = (index: bigint, committedAt: bigint, count = 1): PendingBatch => ({
  index,
  committedAt,
  orders: Array.from({ length: count }, (_, i) => order(Number(index) * 100 + i + 1)),
});

export const planned = (markets: readonly MarketSnapshot[], changes: Changes = {}): Action[] =>
  plan(snapshot(markets, changes));
export const kinds = (actions: readonly Action[]) => actions.map(({ kind }) => kind);
