/**
 * An owner's sub-account. `margin` USD, 18 decimals; `committedAt` seconds; `markets` bit m: a position in market m is open;
 * `moments` bit i: the second `committedAt` − i is used up; orders committed at or before `committedAt` − `purge` fail;
 * `market` is where the last order was committed, and so of all `pending` ones;
 * `volume` hundreds of USD, trailing, as of the day of `committedAt`.
 */
export interface Account {
  margin: bigint;
  committedAt: bigint;
  markets: bigint;
  moments: bigint;
  purge: bigint;
  market: bigint;
  pending: bigint;
  volume: bigint;
}

/**
 * An account as the engine returns it, with the parts of its `orders` by their names: {@link Account.purge}, `market` and
 * `pending`, of 6, 6 and 4 bits from the lowest on.
 */
export function withOrders<T extends { orders: number }>({ orders, ...rest }: T) {
  return { ...rest, purge: orders & 63, market: (orders >> 6) & 63, pending: orders >> 12 };
}

/**
 * What a market was worth to the accounts with a position in it whose orders were committed elsewhere in one second.
 * `funding` and `index` as of {@link Market}; `age` of the index then, seconds.
 */
export interface Pin {
  funding: bigint;
  index: bigint;
  committedAt: bigint;
  age: bigint;
}

/** Worth `size · (index − funding) + cash`. `size` base units, 12 decimals, + long; `cash` USD, 30 decimals. */
export interface Position {
  size: bigint;
  cash: bigint;
  checkpoint: bigint;
  generation: bigint;
}

/**
 * One market. Open interest in base units, 12 decimals; times in seconds; `funding` and `index` USD per base unit, 18
 * decimals; `fundingRate` per hour, 18 decimals; `cash` USD, 30 decimals; `skewSeconds` base units (12 decimals) · seconds.
 */
export interface Market {
  longs: bigint;
  shorts: bigint;
  accruedAt: bigint;
  indexAt: bigint;
  funding: bigint;
  index: bigint;
  fundingRate: bigint;
  cash: bigint;
  skewSeconds: bigint;
}

/** A market's parameters: `skewScale` base units, 6 decimals; `…Bps` and `…Ppm` as named; flags as in EngineTypes.sol. */
export interface MarketConfig {
  skewScale: bigint;
  initialMarginBps: bigint;
  maintenanceMarginBps: bigint;
  marginSlopeBps: bigint;
  skewCapBps: bigint;
  openInterestCapBps: bigint;
  profitWeightBps: bigint;
  makerFeePpm: bigint;
  takerFeePpm: bigint;
  penaltyBps: bigint;
  /** The largest position: percent of the open interest cap. */
  accountCapPercent: bigint;
  fundingCoefficientBps: bigint;
  fundingCapPpm: bigint;
  /** a_m: what the market may lock of the pool, percent of its value. */
  allocationPercent: bigint;
  flags: bigint;
}

/**
 * What a market has lately cost insurance and added to the skew by liquidations. `insuranceSpent` USD, 18 decimals, in
 * `insuranceHour`, hours since 1970; `metered` base units, 12 decimals, as of `meteredAt`, seconds.
 */
export interface MarketRisk {
  insuranceSpent: bigint;
  insuranceHour: bigint;
  metered: bigint;
  meteredAt: bigint;
}

/**
 * Where a side stands after a deleveraging. `multiplier` 2^127 is one; `cash` moved per base unit held when the round
 * began, USD per base unit, 18 decimals · 2^127.
 */
export interface Checkpoint {
  multiplier: bigint;
  round: bigint;
  cash: bigint;
}

/** Numbers of a market's latest checkpoints. */
export interface Deleveragings {
  longs: bigint;
  shorts: bigint;
}

/**
 * A change of a market's parameters on its way: from those in force when it was scheduled. Times in seconds; `endsAt` 0:
 * nothing is scheduled.
 */
export interface Schedule {
  from: MarketConfig;
  to: MarketConfig;
  startedAt: bigint;
  endsAt: bigint;
  keeperFeeCents: bigint;
}

/** The pool's ledger. `cash` and `fees` USD, 18 decimals; `value` whole USD, at the last appraisal. */
export interface Pool {
  cash: bigint;
  fees: bigint;
  value: bigint;
  /** By {@link PauseBits}. */
  pauseLevel: bigint;
  claimsOpen: boolean;
}

/** Cash of insurance and treasury, USD, 18 decimals. */
export interface Reserves {
  insurance: bigint;
  treasury: bigint;
}

/** What winners are owed beyond the pool. `outstanding` USD, 18 decimals; `factor` 27 decimals. */
export interface Claims {
  outstanding: bigint;
  factor: bigint;
  round: bigint;
}

/** How far the withdrawals of an hour may bring the custody down. */
export interface Outflow {
  /** Hours since 1970: that of the last withdrawal. */
  hour: bigint;
  /** What its withdrawals leave in custody at least, USD, 18 decimals. */
  floor: bigint;
}

/** Of an account, from times in which its prices were in doubt. */
export interface Doubt {
  /** Bit m set: a profit in market m waits for a price that is trusted again. */
  held: bigint;
  /** Seconds; when one source last found it below maintenance. */
  flaggedAt: bigint;
}

/** One account's claim: `amount` USD, 18 decimals, as of `factor` and `round`. */
export interface Claim {
  amount: bigint;
  factor: bigint;
  round: bigint;
}

/**
 * A market's ring of batches. `escrow` USD, 18 decimals; the fee of one order in US cents; `marginPerUnit` USD, 10 decimals:
 * what a commit asks for; zero while no orders are taken.
 */
export interface Queue {
  head: bigint;
  tail: bigint;
  escrow: bigint;
  keeperFeeCents: bigint;
  marginPerUnit: bigint;
}

/** One committed batch; `committedAt` seconds. */
export interface QueueItem {
  digest: bigint;
  count: bigint;
  feeCents: bigint;
  committedAt: bigint;
}

/** An order's words, see {@link packOrder}. */
export interface Order {
  account: `0x${string}`;
  terms: bigint;
  extras: bigint;
}

/**
 * What an owner lets a delegate do until `expiry`, seconds, in the markets whose bit is set. `permissions` as
 * {@link Permission}; `dailyLimit` and what of it is `spent` on `day`, days since 1970: whole USD.
 */
export interface Delegation {
  expiry: bigint;
  markets: bigint;
  permissions: bigint;
  dailyLimit: bigint;
  spent: bigint;
  day: bigint;
}

/** Bits of {@link Delegation.permissions}. */
export const Permission = { Open: 1n, Reduce: 2n, CloseNow: 4n } as const;

/** Why an order is not taken, by the contract's numbers. */
export const Refusal = {
  None: 0,
  SignatureInvalid: 1,
  ZeroSize: 2,
  TermsInvalid: 3,
  DeadlinePassed: 4,
  NonceUsed: 5,
  OrdersPending: 6,
  BuilderNotApproved: 7,
  DelegateNotPermitted: 8,
  DelegateLimit: 9,
  TriggerNotMet: 10,
  PositionEnded: 11,
  MarginTooLow: 12,
  AccountOfEarnings: 13,
  IndexStale: 14,
  OrdersElsewhere: 15,
} as const;
export type Refusal = (typeof Refusal)[keyof typeof Refusal];

/** A validated price: USD per base unit, 18 decimals; `publishTime` seconds. */
export interface Price {
  mid: bigint;
  lo: bigint;
  hi: bigint;
  halfWidth: bigint;
  publishTime: bigint;
  state: number;
}

/** The highest price the engine takes: USD per base unit, 18 decimals. */
export const MAX_PRICE = 10n ** 26n;

/** How far a price can be trusted, by the contract's numbers. */
export const PriceState = {
  Normal: 0,
  Strained: 1,
  Guarded: 2,
  Single: 3,
  Fallback: 4,
  Halted: 5,
  SequencerDown: 6,
} as const;

/** Why a committed order failed, by the contract's numbers. */
export const Failure = {
  None: 0,
  Purged: 1,
  LimitExceeded: 2,
  NothingToReduce: 3,
  CapReached: 4,
  Dust: 5,
  MarginTooLow: 6,
  EquityNegative: 7,
  TooManyPositions: 8,
  OpeningPaused: 9,
  TooLarge: 10,
  PositionEnded: 11,
} as const;
export type Failure = (typeof Failure)[keyof typeof Failure];

/** The names of {@link Failure}, by number. */
export const failureNames = Object.keys(Failure) as (keyof typeof Failure)[];

/** In {@link Pool.pauseLevel}: the level, 0 to 2, and that USDC is off its peg. */
export const PauseBits = { Level: 3n, OffPeg: 4n } as const;

/** Bits of {@link MarketConfig.flags}. */
export const MarketFlags = { Listed: 1n, ReduceOnly: 2n, Halted: 4n, Deleveraged: 8n, Settled: 16n } as const;

/** A struct with every `number` field as `bigint`. */
export type Widened<T> = { -readonly [K in keyof T]: T[K] extends number ? bigint : T[K] };

/**
 * A struct as viem decodes it (integers up to 48 bits are numbers) in the shape of this module (all are bigint).
 * @param struct e.g. what `getMarket` returned.
 */
export function widen<T extends object>(struct: T): Widened<T> {
  const out: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(struct)) out[key] = typeof value === 'number' ? BigInt(value) : value;
  return out as Widened<T>;
}
