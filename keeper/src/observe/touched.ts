import { accountId, batchOf, type EngineEvent, type Order } from '@tidemark/sdk';
import type { Hex } from 'viem';

/** A committed batch, of which the engine keeps no more than the hash. */
export interface CommittedBatch {
  readonly market: number;
  readonly index: bigint;
  readonly orders: readonly Order[];
}

/** What events say of what is remembered. */
export interface Touched {
  /** Accounts that changed. */
  readonly accounts: Set<Hex>;
  /** Those of them that may have got a position or a claim; the others are of interest only if they had one before. */
  readonly entered: Set<Hex>;
  /** Those of them that got a claim. */
  readonly claimants: Set<Hex>;
  /** Whether a part of every claim was paid. */
  claimsPaid: boolean;
  /** Markets whose positions all changed. */
  readonly markets: Set<number>;
  readonly batches: CommittedBatch[];
  /** Whether the pool was appraised. */
  appraised: boolean;
  /** Whether the code is another, and so perhaps the oracle. */
  upgraded: boolean;
}

type Args<name> = Extract<EngineEvent, { eventName: name }>['args'];
type Note<name> = (touched: Touched, args: Args<name>) => void;

const changes = ({ accounts }: Touched, { account }: { account: Hex }) => {
  accounts.add(account);
};
const nothing = () => {};

/**
 * What each event changes. Markets, queues, schedules, pool, claims as a whole and pauses are read at every block, so that
 * what tells of these alone changes nothing here; an event that is not listed does not compile.
 */
const NOTES: { readonly [name in EngineEvent['eventName']]: Note<name> } = {
  // It may be the account's first position.
  OrderFilled: ({ accounts, entered }, { account }) => {
    accounts.add(account);
    entered.add(account);
  },
  ClaimOpened: ({ accounts, entered, claimants }, { account }) => {
    for (const set of [accounts, entered, claimants]) set.add(account);
  },
  Deposited: changes,
  Withdrawn: changes,
  MarginMoved: ({ accounts }, { from, to }) => {
    accounts.add(from);
    accounts.add(to);
  },
  Credited: changes,
  // The keeper fee leaves the margin, and the orders bind the account.
  BatchCommitted: ({ accounts, batches }, args) => {
    const { market, index, orders } = batchOf(args);
    for (const { account } of orders) accounts.add(account);
    batches.push({ market: Number(market), index, orders });
  },
  OrderReleased: changes,
  OrderFailed: changes,
  // The keeper's fees come to its first account without another event.
  BatchesSettled: ({ accounts }, { keeper }) => accounts.add(accountId(keeper)),
  PositionClosed: changes,
  PositionLiquidated: changes,
  AccountFlagged: changes,
  LossDeferred: changes,
  ClaimCancelled: changes,
  ClaimsPaid: (touched) => {
    touched.claimsPaid = true;
  },
  Deleveraged: ({ markets }, { market }) => markets.add(Number(market)),
  Crystallised: changes,
  PositionSettled: changes,
  PoolAppraised: (touched) => {
    touched.appraised = true;
  },
  // The fees go to insurance, and time alone frees the accounts.
  BatchesExpired: nothing,
  // Neither margin nor position.
  OrderLeftOut: nothing,
  OrdersAnnounced: nothing,
  DelegateSet: nothing,
  BuilderApproved: nothing,
  NoncesCancelled: nothing,
  // Of a market.
  MarketUpdated: nothing,
  MarketListed: nothing,
  MarketConfigured: nothing,
  MarketClosed: nothing,
  ParametersScheduled: nothing,
  ParametersCancelled: nothing,
  ReduceOnlySet: nothing,
  SettlementScheduled: nothing,
  SettlementCancelled: nothing,
  GasMarketSet: nothing,
  // Of the pool.
  BadDebtCovered: nothing,
  ReservesDivided: nothing,
  InsuranceFunded: nothing,
  TreasuryPaid: nothing,
  LiquidityAdded: nothing,
  LiquidityRemoved: nothing,
  LiquidityPaid: nothing,
  LiquidityReturned: nothing,
  PauseLevelSet: nothing,
  PegObserved: nothing,
  Upgraded: (touched) => {
    touched.upgraded = true;
  },
  // Of the contract.
  RoleAdminChanged: nothing,
  RoleGranted: nothing,
  RoleRevoked: nothing,
  Initialized: nothing,
};

/** What events change, in their order. */
export function touchedBy(events: readonly EngineEvent[]): Touched {
  const touched: Touched = {
    accounts: new Set(),
    entered: new Set(),
    claimants: new Set(),
    claimsPaid: false,
    markets: new Set(),
    batches: [],
    appraised: false,
    upgraded: false,
  };
  for (const { eventName, args } of events)
    (NOTES[eventName] as (touched: Touched, args: unknown) => void)(touched, args);
  return touched;
}
