import { type Address, type Hex, keccak256, toHex } from 'viem';
import { BEGINNING } from '../math/deleveragingMath.ts';
import type {
  Account,
  Checkpoint,
  Claim,
  Claims,
  Delegation,
  Deleveragings,
  Doubt,
  Market,
  MarketConfig,
  MarketRisk,
  Outflow,
  Pin,
  Pool,
  Position,
  Queue,
  QueueItem,
  Reserves,
  Schedule,
} from '../math/engineTypes.ts';

export { MAX_PRICE } from '../math/engineTypes.ts';

/** Everything the engine stores: EngineStorage's Layout, the roles and the initializer's version. Pure data. */
export interface EngineState {
  accounts: Map<string, Account>;
  /** By `account/market`. */
  positions: Map<string, Position>;
  markets: Map<bigint, Market>;
  configs: Map<bigint, MarketConfig>;
  queues: Map<bigint, Queue>;
  /** By `market/slot`. */
  items: Map<string, QueueItem>;
  /** By `market/second mod 64`. */
  pins: Map<string, Pin>;
  claimOf: Map<string, Claim>;
  doubts: Map<string, Doubt>;
  pool: Pool;
  reserves: Reserves;
  claims: Claims;
  custody: bigint;
  claimsPaid: bigint;
  lpPending: bigint;
  lpPayable: bigint;
  marketCount: bigint;
  risks: Map<bigint, MarketRisk>;
  /** The market whose index is the price of ether, plus one; 0 when there is none. */
  gasMarket: bigint;
  deleveragings: Map<bigint, Deleveragings>;
  /** By {@link checkpointKey} of the number. */
  checkpoints: Map<string, Checkpoint>;
  /** By {@link checkpointKey} of the round. */
  roundEnds: Map<string, Checkpoint>;
  /** Of markets whose settlement is announced, seconds. */
  settlesAt: Map<bigint, bigint>;
  schedules: Map<bigint, Schedule>;
  /** Used ones by `account/word`: bit n mod 256 of word n / 256. */
  nonces: Map<string, bigint>;
  /** Of those the ones that no release frees. */
  cancelled: Map<string, bigint>;
  /** By `owner/delegate`. */
  delegations: Map<string, Delegation>;
  /** What a builder may charge, tenths of a basis point, by `owner/builder`. */
  builderFees: Map<string, bigint>;
  outflow: Outflow;
  /** `role/address` of every grant, in lower case. */
  roles: Set<string>;
}

export const DEFAULT_ADMIN_ROLE: Hex = `0x${'0'.repeat(64)}`;
export const CONFIGURATOR_ROLE = keccak256(toHex('CONFIGURATOR_ROLE'));
export const GUARDIAN_ROLE = keccak256(toHex('GUARDIAN_ROLE'));
export const VAULT_ROLE = keccak256(toHex('VAULT_ROLE'));
export const UPGRADER_ROLE = keccak256(toHex('UPGRADER_ROLE'));

export const MAX_MARKETS = 64n;
export const MAX_PENDING = 8n;
/** An owner's last sub-account: it takes no orders. */
export const EARNINGS = 2n ** 96n - 1n;
export const MAX_BATCH = 32n;
export const RING = 1024n;
/** What a size's field counts up to, base units, 12 decimals: closing that much closes all. */
export const MAX_SIZE = 2n ** 88n - 1n;
/** The most the engine owes in tokens, USD, 18 decimals. */
export const MAX_CUSTODY = 2n ** 96n - 1n;
export const PRICE_DELAY = 2n;
export const PRICE_WINDOW = 12n;
export const INCLUSION_WINDOW = 60n;
/** The largest {@link Account.purge}: beyond the window. */
export const PURGED_NOTHING = 63n;
/** Seconds whose pins a market keeps: more than the window of an order. */
export const PINS = 64n;
export const RESERVES_FEE_BPS = 3000n;
export const INSURANCE_FEE_BPS = 6667n;
/** Of the insurance fund: what one market's bad debt may take of it within an hour. */
export const INSURANCE_CAP_BPS = 5000n;
/** What withdrawals may take within a clock hour: of the custody that the first of them finds. */
export const OUTFLOW_CAP_BPS = 2500n;
/** And in any case, USD, 18 decimals. */
export const OUTFLOW_CAP_MIN = 1_000_000n * 10n ** 18n;
/** A settlement is announced at least so long before, seconds. */
export const SETTLEMENT_NOTICE = 86_400n;
/** The number of a side's last possible checkpoint. */
export const MAX_CHECKPOINTS = 2n ** 16n - 1n;
export const CLAIM_FACTOR = 10n ** 27n;

/**
 * The engine after `initialize(admin)`.
 * @param admin Holds every role but the vault's.
 */
export function initialState(admin: Address): EngineState {
  const roles = [DEFAULT_ADMIN_ROLE, CONFIGURATOR_ROLE, GUARDIAN_ROLE, UPGRADER_ROLE];
  return {
    accounts: new Map(),
    positions: new Map(),
    markets: new Map(),
    configs: new Map(),
    queues: new Map(),
    items: new Map(),
    pins: new Map(),
    claimOf: new Map(),
    doubts: new Map(),
    pool: { cash: 0n, fees: 0n, value: 0n, pauseLevel: 0n, claimsOpen: false },
    reserves: { insurance: 0n, treasury: 0n },
    claims: { outstanding: 0n, factor: 0n, round: 0n },
    custody: 0n,
    claimsPaid: 0n,
    lpPending: 0n,
    lpPayable: 0n,
    marketCount: 0n,
    risks: new Map(),
    gasMarket: 0n,
    deleveragings: new Map(),
    checkpoints: new Map(),
    roundEnds: new Map(),
    settlesAt: new Map(),
    schedules: new Map(),
    nonces: new Map(),
    cancelled: new Map(),
    delegations: new Map(),
    builderFees: new Map(),
    outflow: { hour: 0n, floor: 0n },
    roles: new Set(roles.map((role) => roleKey(role, admin))),
  };
}

export function roleKey(role: Hex, holder: Address): string {
  return `${role}/${holder.toLowerCase()}`;
}

export function positionKey(account: Hex, market: bigint): string {
  return `${account.toLowerCase()}/${market}`;
}

/** Where a side's checkpoint, by number, or the end of its round is kept. */
export function checkpointKey(market: bigint, long: boolean, number: bigint): string {
  return `${market}/${number * 2n + (long ? 1n : 0n)}`;
}

/** The account id of an owner's sub-account: `bytes32(owner << 96 | sub)`. */
export function accountOf(owner: Address, sub = 0n): Hex {
  return `0x${owner.slice(2).toLowerCase()}${sub.toString(16).padStart(24, '0')}`;
}

export function ownerOf(account: Hex): Address {
  return `0x${account.slice(2, 42).toLowerCase()}`;
}

/** A copy whose maps may be written without touching the original; the entries themselves are never changed in place. */
export function copyState(state: EngineState): EngineState {
  return {
    ...state,
    accounts: new Map(state.accounts),
    positions: new Map(state.positions),
    markets: new Map(state.markets),
    configs: new Map(state.configs),
    queues: new Map(state.queues),
    items: new Map(state.items),
    pins: new Map(state.pins),
    claimOf: new Map(state.claimOf),
    doubts: new Map(state.doubts),
    pool: { ...state.pool },
    reserves: { ...state.reserves },
    claims: { ...state.claims },
    risks: new Map(state.risks),
    deleveragings: new Map(state.deleveragings),
    checkpoints: new Map(state.checkpoints),
    roundEnds: new Map(state.roundEnds),
    settlesAt: new Map(state.settlesAt),
    schedules: new Map(state.schedules),
    nonces: new Map(state.nonces),
    cancelled: new Map(state.cancelled),
    delegations: new Map(state.delegations),
    builderFees: new Map(state.builderFees),
    outflow: { ...state.outflow },
    roles: new Set(state.roles),
  };
}

const NO_ACCOUNT: Account = {
  margin: 0n,
  committedAt: 0n,
  markets: 0n,
  moments: 0n,
  purge: 0n,
  market: 0n,
  pending: 0n,
  volume: 0n,
};
const NO_POSITION: Position = { size: 0n, cash: 0n, checkpoint: 0n, generation: 0n };
const NO_QUEUE: Queue = { head: 0n, tail: 0n, escrow: 0n, keeperFeeCents: 0n, marginPerUnit: 0n };
const NO_DELEGATION: Delegation = { expiry: 0n, markets: 0n, permissions: 0n, dailyLimit: 0n, spent: 0n, day: 0n };
const NO_ITEM: QueueItem = { digest: 0n, count: 0n, feeCents: 0n, committedAt: 0n };
const NO_RISK: MarketRisk = { insuranceSpent: 0n, insuranceHour: 0n, metered: 0n, meteredAt: 0n };
const NO_CLAIM: Claim = { amount: 0n, factor: 0n, round: 0n };
const NO_MARKET: Market = {
  longs: 0n,
  shorts: 0n,
  accruedAt: 0n,
  indexAt: 0n,
  funding: 0n,
  index: 0n,
  fundingRate: 0n,
  cash: 0n,
  skewSeconds: 0n,
};
const NO_CONFIG: MarketConfig = {
  skewScale: 0n,
  initialMarginBps: 0n,
  maintenanceMarginBps: 0n,
  marginSlopeBps: 0n,
  skewCapBps: 0n,
  openInterestCapBps: 0n,
  profitWeightBps: 0n,
  makerFeePpm: 0n,
  takerFeePpm: 0n,
  penaltyBps: 0n,
  accountCapPercent: 0n,
  fundingCoefficientBps: 0n,
  fundingCapPpm: 0n,
  allocationPercent: 0n,
  flags: 0n,
};

// Loads copy as Solidity's memory does; what is not stored reads as zero.
export const loadAccount = (s: EngineState, account: Hex): Account => ({
  ...(s.accounts.get(account.toLowerCase()) ?? NO_ACCOUNT),
});
export const loadPosition = (s: EngineState, account: Hex, market: bigint): Position => ({
  ...(s.positions.get(positionKey(account, market)) ?? NO_POSITION),
});
export const loadMarket = (s: EngineState, market: bigint): Market => ({ ...(s.markets.get(market) ?? NO_MARKET) });
export const loadConfig = (s: EngineState, market: bigint): MarketConfig => ({
  ...(s.configs.get(market) ?? NO_CONFIG),
});
export const loadRisk = (s: EngineState, market: bigint): MarketRisk => ({ ...(s.risks.get(market) ?? NO_RISK) });
export const loadQueue = (s: EngineState, market: bigint): Queue => ({ ...(s.queues.get(market) ?? NO_QUEUE) });
export const loadItem = (s: EngineState, market: bigint, index: bigint): QueueItem => ({
  ...(s.items.get(`${market}/${index % RING}`) ?? NO_ITEM),
});
/** What a market was pinned at in a second; undefined when it was not, or that is more than a minute ago. */
export function loadPin(s: EngineState, market: bigint, committedAt: bigint): Pin | undefined {
  const pin = s.pins.get(`${market}/${committedAt % PINS}`);
  return pin?.committedAt === committedAt ? pin : undefined;
}
export function savePin(s: EngineState, market: bigint, pin: Pin): void {
  s.pins.set(`${market}/${pin.committedAt % PINS}`, pin);
}
export const pairKey = (owner: Address, other: Address): string => `${owner}/${other}`.toLowerCase();
export const loadDelegation = (s: EngineState, owner: Address, delegate: Address): Delegation => ({
  ...(s.delegations.get(pairKey(owner, delegate)) ?? NO_DELEGATION),
});
export const nonceKey = (account: Hex, nonce: bigint): string => `${account.toLowerCase()}/${nonce >> 8n}`;
export const loadNonces = (s: EngineState, account: Hex, nonce: bigint): bigint =>
  s.nonces.get(nonceKey(account, nonce)) ?? 0n;
export const loadDeleveragings = (s: EngineState, market: bigint): Deleveragings => ({
  ...(s.deleveragings.get(market) ?? { longs: 0n, shorts: 0n }),
});
export const readCheckpoint = (from: Map<string, Checkpoint>, market: bigint, long: boolean, number: bigint) =>
  from.get(checkpointKey(market, long, number)) ?? BEGINNING;
export const loadClaim = (s: EngineState, account: Hex): Claim => ({
  ...(s.claimOf.get(account.toLowerCase()) ?? NO_CLAIM),
});
export const loadDoubt = (s: EngineState, account: Hex): Doubt => ({
  ...(s.doubts.get(account.toLowerCase()) ?? { held: 0n, flaggedAt: 0n }),
});

export function saveAccount(s: EngineState, account: Hex, value: Account): void {
  s.accounts.set(account.toLowerCase(), { ...value });
}
export function savePosition(s: EngineState, account: Hex, market: bigint, value: Position): void {
  s.positions.set(positionKey(account, market), { ...value });
}
export function saveDoubt(s: EngineState, account: Hex, value: Doubt): void {
  s.doubts.set(account.toLowerCase(), { ...value });
}
export function saveClaim(s: EngineState, account: Hex, value: Claim): void {
  s.claimOf.set(account.toLowerCase(), { ...value });
}
