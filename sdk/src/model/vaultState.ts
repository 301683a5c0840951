import type { Address } from 'viem';
import {
  type DepositFill,
  type Redemption,
  type RedemptionEntry,
  type RedemptionRound,
  ROUND_START,
  type Vault,
} from '../math/vaultMath.ts';
import { CONFIGURATOR_ROLE, DEFAULT_ADMIN_ROLE, type EngineState, roleKey, UPGRADER_ROLE } from './engineState.ts';
import type { Call } from './ledger.ts';
import { arithmeticPanic, ModelError } from './modelError.ts';

/** One entry of OpenZeppelin's Trace208. */
export interface TraceEntry {
  key: bigint;
  value: bigint;
}

/** Everything the vault stores: its Layout, the shares, the roles. Addresses in keys are in lower case. Pure data. */
export interface VaultState {
  /** The vault's own address, which holds the shares in keeping. */
  readonly address: Address;
  /** The engine's, an immutable. */
  readonly engineAddress: Address;
  /** By owner: three deposits, each a place of `epoch << 56 | assets`. */
  recent: Map<string, bigint>;
  /** By `epoch/owner`: those that found no free place. */
  deposits: Map<string, bigint>;
  fills: Map<bigint, DepositFill>;
  /** By `epoch/owner`. */
  redemptions: Map<string, Redemption>;
  /** Shares by the epoch their cooldown ends with. */
  cooling: Map<bigint, bigint>;
  entries: Map<bigint, RedemptionEntry>;
  rounds: Map<bigint, RedemptionRound>;
  filledEpochs: readonly TraceEntry[];
  enteredEpochs: readonly TraceEntry[];
  redeemed: readonly TraceEntry[];
  /** `controller/operator` of those approved. */
  operators: Set<string>;
  vault: Vault;
  balances: Map<string, bigint>;
  /** By `owner/spender`. */
  allowances: Map<string, bigint>;
  totalSupply: bigint;
  readonly name: string;
  readonly symbol: string;
  /** `role/address` of every grant. */
  roles: Set<string>;
}

/** What an operation of the vault works on: its own state and the engine's. */
export interface Liquidity {
  vault: VaultState;
  engine: EngineState;
}

export const PLACE_BITS = 80n;
export const PLACES_BITS = 240n;
export const ASSET_BITS = 56n;
export const PLACE = 2n ** PLACE_BITS - 1n;
export const ASSETS = 2n ** ASSET_BITS - 1n;

const HOUR = 3600n;

/**
 * The vault after `initialize(admin, name, symbol)`.
 * @param admin Holds every role.
 */
export function initialVault(
  address: Address,
  engineAddress: Address,
  admin: Address,
  name: string,
  symbol: string,
): VaultState {
  const roles = [DEFAULT_ADMIN_ROLE, CONFIGURATOR_ROLE, UPGRADER_ROLE];
  return {
    address,
    engineAddress,
    recent: new Map(),
    deposits: new Map(),
    fills: new Map(),
    redemptions: new Map(),
    cooling: new Map(),
    entries: new Map(),
    rounds: new Map([[0n, { left: ROUND_START, paid: 0n }]]),
    filledEpochs: [],
    enteredEpochs: [],
    redeemed: [],
    operators: new Set(),
    vault: {
      depositsWaiting: 0n,
      depositsOpen: 0n,
      openEpoch: 0n,
      refusedEpoch: 0n,
      settledEpoch: 0n,
      depositLock: 24n * HOUR,
      redemptionsCooling: 0n,
      maturedEpoch: 0n,
      minCooldown: 24n * HOUR,
      maxCooldown: 72n * HOUR,
      utilisationBps: 0n,
      outflowCapBps: 1500n,
      redemptionsWaiting: 0n,
      round: 0n,
    },
    balances: new Map(),
    allowances: new Map(),
    totalSupply: 0n,
    name,
    symbol,
    roles: new Set(roles.map((role) => roleKey(role, admin))),
  };
}

/** A copy whose maps may be written without touching the original; the entries themselves are never changed in place. */
export function copyVault(state: VaultState): VaultState {
  return {
    ...state,
    recent: new Map(state.recent),
    deposits: new Map(state.deposits),
    fills: new Map(state.fills),
    redemptions: new Map(state.redemptions),
    cooling: new Map(state.cooling),
    entries: new Map(state.entries),
    rounds: new Map(state.rounds),
    operators: new Set(state.operators),
    vault: { ...state.vault },
    balances: new Map(state.balances),
    allowances: new Map(state.allowances),
    roles: new Set(state.roles),
  };
}

/** What an operation writes into. */
export const begin = ({ vault, engine }: Liquidity): Liquidity => ({ vault: copyVault(vault), engine });
/** A call that the vault makes within one. */
export const byVault = ({ vault }: Liquidity, call: Call): Call => ({ ...call, sender: vault.address });

/** The key of an owner's request of an epoch. */
export function requestKey(epoch: bigint, owner: Address): string {
  return `${epoch}/${owner.toLowerCase()}`;
}

/** The key of two addresses: controller and operator, owner and spender. */
export function pairKey(one: Address, other: Address): string {
  return `${one.toLowerCase()}/${other.toLowerCase()}`;
}

const NO_FILL: DepositFill = { assets: 0n, shares: 0n, claimableAt: 0n };
const NO_REDEMPTION: Redemption = { shares: 0n, claimed: 0n };
const NO_ROUND: RedemptionRound = { left: 0n, paid: 0n };

export const loadRedemption = (s: VaultState, epoch: bigint, owner: Address): Redemption =>
  s.redemptions.get(requestKey(epoch, owner)) ?? NO_REDEMPTION;
export const loadRound = (s: VaultState, number: bigint): RedemptionRound => s.rounds.get(number) ?? NO_ROUND;
export const recentOf = (s: VaultState, owner: Address): bigint => s.recent.get(owner.toLowerCase()) ?? 0n;
export const balanceOf = (s: VaultState, holder: Address): bigint => s.balances.get(holder.toLowerCase()) ?? 0n;
export const allowance = (s: VaultState, owner: Address, spender: Address): bigint =>
  s.allowances.get(pairKey(owner, spender)) ?? 0n;

/** Whether an operator may request with somebody's tokens and shares. */
export const isOperator = (s: VaultState, controller: Address, operator: Address): boolean =>
  s.operators.has(pairKey(controller, operator));

/** The first epoch with a fill after that of the request took it. */
export function fillOf(s: VaultState, requestId: bigint): DepositFill {
  const epoch = lowerLookup(s.filledEpochs, narrow(checkedAdd(requestId, 1n, 256n), 48n));
  return s.fills.get(epoch) ?? NO_FILL;
}

/** What an owner has requested in an epoch and neither claimed nor been refunded. USDC units. */
export function deposited(s: VaultState, epoch: bigint, owner: Address): bigint {
  let assets = s.deposits.get(requestKey(epoch, owner)) ?? 0n;
  const places = recentOf(s, owner);
  for (let shift = 0n; shift < PLACES_BITS; shift += PLACE_BITS) {
    const place = (places >> shift) & PLACE;
    if (place >> ASSET_BITS === epoch) assets += place & ASSETS;
  }
  return assets;
}

/** A trace with a value at its end. */
export function pushed(trace: readonly TraceEntry[], key: bigint, value: bigint): TraceEntry[] {
  const last = trace.at(-1);
  if (last && last.key > key) throw new ModelError('CheckpointUnorderedInsertion');
  return [...(last?.key === key ? trace.slice(0, -1) : trace), { key, value }];
}

/** The value of the first entry at or after a key; zero when there is none. */
export function lowerLookup(trace: readonly TraceEntry[], key: bigint): bigint {
  return trace.find((entry) => entry.key >= key)?.value ?? 0n;
}

/** The value of the last entry at or before a key; zero when there is none. */
export function upperLookup(trace: readonly TraceEntry[], key: bigint): bigint {
  return trace.findLast((entry) => entry.key <= key)?.value ?? 0n;
}

export function latest(trace: readonly TraceEntry[]): bigint {
  return trace.at(-1)?.value ?? 0n;
}

/** A value in its width, as SafeCast. */
export function narrow(value: bigint, bits: bigint): bigint {
  if (value >= 2n ** bits) throw new ModelError('SafeCastOverflowedUintDowncast', [bits, value]);
  return value;
}

/** a + b in a width. @throws {ModelError} Panic on overflow. */
export function checkedAdd(a: bigint, b: bigint, bits: bigint): bigint {
  const sum = a + b;
  if (sum >= 2n ** bits) throw arithmeticPanic();
  return sum;
}

/** What the epochs after a given one have redeemed. USD, 18 decimals. */
export function redeemedSince(s: VaultState, epoch: bigint): bigint {
  return latest(s.redeemed) - upperLookup(s.redeemed, epoch);
}

/** Deposits of hours before `epoch`, the present one, join those waiting. */
export function closeDeposits(vault: Vault, epoch: bigint): void {
  if (vault.openEpoch >= epoch) return;
  vault.depositsWaiting = checkedAdd(vault.depositsWaiting, vault.depositsOpen, 64n);
  vault.depositsOpen = 0n;
}
