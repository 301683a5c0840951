import { ASSET_SCALE, BPS, divUp, max, min, mulDivDown, mulDivUp } from './fixedPoint.ts';

// What the liquidity vault reckons, mirror of LiquidityVault.sol. Shares and amounts have 18 decimals, assets are USDC
// units (6 decimals), times seconds; every rounding is for the pool. Source: docs/mechanism.md#liquidity.

/** An epoch's length, seconds. */
export const EPOCH = 3600n;
/** From a boundary on until every price is newer than it, seconds. */
export const SETTLE_DELAY = 15n;
/** The epochs that share the outflow cap. */
export const OUTFLOW_EPOCHS = 24n;
export const MIN_COOLDOWN = 3600n;
export const MAX_COOLDOWN = 7n * 86_400n;
export const MAX_DEPOSIT_LOCK = 7n * 86_400n;
/** From the end of a deposit's hour on. */
export const REFUND_DELAY = 7n * 86_400n;
export const MIN_OUTFLOW_CAP_BPS = 100n;
export const MAX_OUTFLOW_CAP_BPS = 5000n;
/** Shares nobody owns and the dollars behind them. */
export const VIRTUAL = 10n ** 18n;
/** What is left of a share at a round's start, 36 decimals. */
export const ROUND_START = 10n ** 36n;
/** Below it a round ends. */
export const ROUND_END = 10n ** 18n;

/** The vault's state beside the requests; deposits are USDC units, redemptions shares. */
export interface Vault {
  /** Requested before `openEpoch`, not executed. */
  depositsWaiting: bigint;
  /** Requested in `openEpoch`. */
  depositsOpen: bigint;
  /** Epoch of the newest deposit requests, or a later one. */
  openEpoch: bigint;
  /** Deposits requested before this epoch and not executed may be refunded. */
  refusedEpoch: bigint;
  settledEpoch: bigint;
  depositLock: bigint;
  /** Shares whose cooldown has not passed by `maturedEpoch`. */
  redemptionsCooling: bigint;
  maturedEpoch: bigint;
  minCooldown: bigint;
  maxCooldown: bigint;
  /** What markets locked of the pool after the last epoch, rounded up; at most 10,000. */
  utilisationBps: bigint;
  /** Of the lowest net asset value, per 24 epochs. */
  outflowCapBps: bigint;
  /** Shares whose cooldown has passed, not executed. */
  redemptionsWaiting: bigint;
  /** Of partly executed redemptions. */
  round: bigint;
}

/** What an epoch gave for deposits: `shares` for `assets`, in keeping until `claimableAt`. */
export interface DepositFill {
  assets: bigint;
  shares: bigint;
  claimableAt: bigint;
}

/** One owner's redemption of one epoch. `claimed` USD, 18 decimals. */
export interface Redemption {
  shares: bigint;
  claimed: bigint;
}

/** Redemptions that share their cuts: `left` of a share that entered at the start, and USD `paid` for it; 36 decimals. */
export interface RedemptionRound {
  left: bigint;
  paid: bigint;
}

/** Where the requests that an epoch matured entered. */
export interface RedemptionEntry {
  left: bigint;
  round: bigint;
  paid: bigint;
}

/** The epoch of a time: the hour since 1970. */
export function epochOf(time: bigint): bigint {
  return time / EPOCH;
}

/** When an epoch may be settled at the earliest, seconds. */
export function settlesFrom(epoch: bigint): bigint {
  return epoch * EPOCH + SETTLE_DELAY;
}

/** minCooldown + (maxCooldown − minCooldown) · utilisation. @returns Seconds, rounded up. */
export function cooldown({ minCooldown, maxCooldown, utilisationBps }: Vault): bigint {
  return minCooldown + divUp((maxCooldown - minCooldown) * utilisationBps, BPS);
}

/** The first epoch that may execute a redemption requested now. */
export function redemptionEpoch(time: bigint, cooldownSeconds: bigint): bigint {
  return divUp(time + cooldownSeconds, EPOCH);
}

/** Whether deposits meet a pool that may be without value: lowest ≤ 0, before the first share highest < 0. */
export function refusesDeposits(lowest: bigint, highest: bigint, supply: bigint): boolean {
  return supply === 0n ? highest < 0n : lowest <= 0n;
}

/** When a deposit that no epoch has reached may be taken back, seconds. */
export function refundableFrom(requestId: bigint): bigint {
  return (requestId + 1n) * EPOCH + REFUND_DELAY;
}

/** Shares for a deposit at (highest + $1) / (supply + 1). @returns 18 decimals, rounded down. */
export function mintedShares(amount: bigint, supply: bigint, highest: bigint): bigint {
  return mulDivDown(amount, supply + VIRTUAL, highest + VIRTUAL);
}

/** What the cap leaves to an epoch. @param recent Redeemed by the last 23 epochs, USD. @returns USD, 18 decimals. */
export function outflowLeft(value: bigint, capBps: bigint, recent: bigint): bigint {
  const cap = mulDivDown(value, capBps, BPS);
  return cap - min(recent, cap);
}

/** The most an epoch redeems: what the cap leaves, the pool's cash, what no market locks. @param lowest Above zero. */
export function redemptionLimit(left: bigint, cash: bigint, lowest: bigint, locked: bigint): bigint {
  return min(min(left, cash), lowest - min(locked, lowest));
}

/**
 * What an epoch redeems of the waiting shares at (lowest + $1) / (supply + 1), cut to the limit pro rata.
 * @param lowest USD, above zero.
 * @returns The amount rounded down; where it is cut, the shares rounded up.
 */
export function redeem(waiting: bigint, limit: bigint, supply: bigint, lowest: bigint) {
  const value = lowest + VIRTUAL;
  const redeemedAmount = mulDivDown(waiting, value, supply + VIRTUAL);
  if (redeemedAmount <= limit) return { redeemedShares: waiting, redeemedAmount };
  return { redeemedShares: min(mulDivUp(limit, supply + VIRTUAL, value), waiting), redeemedAmount: limit };
}

/** A round after an execution of a part of what waited. Both figures rounded down. @param rest Shares that wait on. */
export function execute(
  { left, paid }: RedemptionRound,
  redeemedAmount: bigint,
  rest: bigint,
  waiting: bigint,
): RedemptionRound {
  return { left: mulDivDown(left, rest, waiting), paid: paid + mulDivDown(left, redeemedAmount, waiting) };
}

/** What the markets lock of the value after an epoch. @returns Basis points, rounded up; all of it when there is none. */
export function utilisation(locked: bigint, value: bigint): bigint {
  if (locked === 0n) return 0n;
  return value <= 0n ? BPS : min(mulDivUp(locked, BPS, value), BPS);
}

/** Whether what an epoch gave for deposits may be taken. */
export function isClaimable({ assets, claimableAt }: DepositFill, time: bigint): boolean {
  return assets !== 0n && time >= claimableAt;
}

/** A depositor's part of what an epoch gave. @returns Shares, rounded down. */
export function claimableShares(deposited: bigint, { shares, assets }: DepositFill): bigint {
  return mulDivDown(deposited, shares, assets);
}

/**
 * Where a redemption stands.
 * @param entry Of its epoch; undefined while its cooldown has not passed.
 * @param rounds By number; those that never began are at zero.
 * @param last The newest round.
 * @returns `pending` shares and `earned` USD (what has been claimed included), both rounded down at each round.
 */
export function standing(
  shares: bigint,
  entry: RedemptionEntry | undefined,
  rounds: (number: bigint) => RedemptionRound,
  last: bigint,
) {
  if (shares === 0n || !entry) return { pending: shares, earned: 0n };
  const first = rounds(entry.round);
  let earned = mulDivDown(shares, first.paid - entry.paid, entry.left);
  let pending = mulDivDown(shares, first.left, entry.left);
  // After a second whole round less than 1e-18 of it is left: nothing anybody could be paid.
  const end = min(last, entry.round + 2n);
  for (let number = entry.round + 1n; number <= end && pending !== 0n; number++) {
    const { left, paid } = rounds(number);
    earned += mulDivDown(pending, paid, ROUND_START);
    pending = mulDivDown(pending, left, ROUND_START);
  }
  return { pending, earned };
}

/** Executed shares whose assets are not claimed. @returns Rounded up; 0 when less than a token unit is left. */
export function claimableRedeemShares({ shares, claimed }: Redemption, pending: bigint, earned: bigint): bigint {
  return earned < claimed + ASSET_SCALE ? 0n : mulDivUp(shares - pending, earned - claimed, earned);
}

/** Shares of a deposit at a value. @param value Net, USD, 18 decimals; less than zero counts as zero. @returns Rounded down. */
export function convertToShares(assets: bigint, supply: bigint, value: bigint): bigint {
  return mulDivDown(assets * ASSET_SCALE, supply + VIRTUAL, max(value, 0n) + VIRTUAL);
}

/** Assets of shares at a value. @param value Net, USD, 18 decimals; less than zero counts as zero. @returns Rounded down. */
export function convertToAssets(shares: bigint, supply: bigint, value: bigint): bigint {
  return mulDivDown(shares, max(value, 0n) + VIRTUAL, supply + VIRTUAL) / ASSET_SCALE;
}
