import type { Address } from 'viem';
import { ASSET_SCALE } from '../math/fixedPoint.ts';
import * as VaultMath from '../math/vaultMath.ts';
import { payLiquidity, receiveLiquidity, returnLiquidity } from './extension.ts';
import type { Call } from './ledger.ts';
import { checkedSub, ModelError } from './modelError.ts';
import { moveShares, spendAllowance } from './vaultShares.ts';
import {
  ASSET_BITS,
  ASSETS,
  begin,
  byVault,
  checkedAdd,
  closeDeposits,
  deposited,
  fillOf,
  isOperator,
  type Liquidity,
  loadRedemption,
  loadRound,
  lowerLookup,
  narrow,
  PLACE,
  PLACE_BITS,
  PLACES_BITS,
  pairKey,
  recentOf,
  requestKey,
  type VaultState,
} from './vaultState.ts';

// Requests, their claims and what they stand for, mirror of LiquidityVault.sol.

/** Lets an operator request with the caller's tokens and shares and claim what is the caller's, or no longer. */
export function setOperator(states: Liquidity, call: Call, operator: Address, approved: boolean): Liquidity {
  const s = begin(states);
  const key = pairKey(call.sender, operator);
  if (approved) s.vault.operators.add(key);
  else s.vault.operators.delete(key);
  return s;
}

/** Puts the owner's tokens into the pool at the next epoch's highest share price. @param assets USDC units. */
export function requestDeposit(states: Liquidity, call: Call, assets: bigint, controller: Address, owner: Address) {
  const s = begin(states);
  if (assets === 0n) throw new ModelError('ZeroRequest');
  checkController(controller);
  onlyFor(s.vault, call, owner);
  const { vault } = s.vault;
  const requestId = VaultMath.epochOf(call.time);
  closeDeposits(vault, requestId);
  if (requestId > vault.openEpoch) vault.openEpoch = requestId;
  vault.depositsOpen = checkedAdd(vault.depositsOpen, narrow(assets, 64n), 64n);
  enter(s.vault, requestId, controller, assets);
  s.engine = receiveLiquidity(s.engine, byVault(s, call), owner, assets).state;
  return { ...s, requestId };
}

function checkController(controller: Address): void {
  if (BigInt(controller) === 0n) throw new ModelError('ZeroController');
}

const actsFor = (s: VaultState, { sender }: Call, owner: Address) =>
  sender.toLowerCase() === owner.toLowerCase() || isOperator(s, owner, sender);

function onlyFor(s: VaultState, call: Call, owner: Address): void {
  if (!actsFor(s, call, owner)) throw new ModelError('NotOperator', [call.sender, owner]);
}

/** Into the first of the owner's places that holds this epoch's or nothing. */
function enter(s: VaultState, epoch: bigint, owner: Address, assets: bigint): void {
  const places = recentOf(s, owner);
  for (let shift = 0n; shift < PLACES_BITS; shift += PLACE_BITS) {
    const place = (places >> shift) & PLACE;
    const held = place & ASSETS;
    if (held !== 0n && place >> ASSET_BITS !== epoch) continue;
    const entered = (epoch << ASSET_BITS) | narrow(held + assets, ASSET_BITS);
    s.recent.set(owner.toLowerCase(), places ^ ((place ^ entered) << shift));
    return;
  }
  const key = requestKey(epoch, owner);
  s.deposits.set(key, (s.deposits.get(key) ?? 0n) + assets);
}

/** Takes the owner's shares into keeping until their cooldown has passed. */
export function requestRedeem(states: Liquidity, call: Call, shares: bigint, controller: Address, owner: Address) {
  const s = begin(states);
  if (shares === 0n) throw new ModelError('ZeroRequest');
  checkController(controller);
  if (!actsFor(s.vault, call, owner)) spendAllowance(s.vault, owner, call.sender, shares);
  const { vault } = s.vault;
  const requestId = VaultMath.redemptionEpoch(call.time, VaultMath.cooldown(vault));
  if (vault.redemptionsCooling === 0n) vault.maturedEpoch = VaultMath.epochOf(call.time);
  vault.redemptionsCooling = checkedAdd(vault.redemptionsCooling, narrow(shares, 128n), 128n);
  s.vault.cooling.set(requestId, (s.vault.cooling.get(requestId) ?? 0n) + shares);
  const redemption = loadRedemption(s.vault, requestId, controller);
  const requested = checkedAdd(redemption.shares, shares, 128n);
  s.vault.redemptions.set(requestKey(requestId, controller), { ...redemption, shares: requested });
  moveShares(s.vault, owner, s.vault.address, shares);
  return { ...s, requestId };
}

// ---------------------------------------------------------------- claims

/** Takes the shares of an executed deposit, once the deposit lock has passed. By the controller or its operator. */
export function claimDeposit(states: Liquidity, call: Call, requestId: bigint, to: Address, controller: Address) {
  const s = begin(states);
  onlyFor(s.vault, call, controller);
  const shares = claimableDepositShares(s.vault, call.time, requestId, controller);
  if (shares === 0n) throw new ModelError('NothingToClaim', [controller, requestId]);
  leave(s.vault, requestId, controller);
  moveShares(s.vault, s.vault.address, to, shares);
  return { ...s, shares };
}

function leave(s: VaultState, epoch: bigint, owner: Address): void {
  let places = recentOf(s, owner);
  for (let shift = 0n; shift < PLACES_BITS; shift += PLACE_BITS) {
    const place = (places >> shift) & PLACE;
    if (place >> ASSET_BITS === epoch) places ^= (place & ASSETS) << shift;
  }
  s.recent.set(owner.toLowerCase(), places);
  s.deposits.delete(requestKey(epoch, owner));
}

/** Takes back a deposit that an epoch refused, or none has reached for too long. By the controller or its operator. */
export function refundDeposit(states: Liquidity, call: Call, requestId: bigint, to: Address, controller: Address) {
  const s = begin(states);
  onlyFor(s.vault, call, controller);
  const { vault } = s.vault;
  const assets = deposited(s.vault, requestId, controller);
  if (assets === 0n || !isRefundable(s.vault, call.time, requestId))
    throw new ModelError('NotRefundable', [controller, requestId]);
  leave(s.vault, requestId, controller);
  const epoch = VaultMath.epochOf(call.time);
  closeDeposits(vault, epoch);
  if (epoch > vault.openEpoch) vault.openEpoch = epoch;
  vault.depositsWaiting = checkedSub(vault.depositsWaiting, assets);
  s.engine = returnLiquidity(s.engine, byVault(s, call), to, assets).state;
  return { ...s, assets };
}

/** An epoch has refused it and none has executed it since; or none has reached it for too long. */
function isRefundable(s: VaultState, time: bigint, requestId: bigint): boolean {
  if (requestId < s.vault.refusedEpoch) return fillOf(s, requestId).assets === 0n;
  return requestId >= s.vault.settledEpoch && time >= VaultMath.refundableFrom(requestId);
}

/** Takes what has been redeemed of a request so far. By the controller or its operator. */
export function claimRedeem(states: Liquidity, call: Call, requestId: bigint, to: Address, controller: Address) {
  const s = begin(states);
  onlyFor(s.vault, call, controller);
  const assets = claimableRedeemAssets(s.vault, requestId, controller);
  if (assets === 0n) throw new ModelError('NothingToClaim', [controller, requestId]);
  const redemption = loadRedemption(s.vault, requestId, controller);
  const claimed = checkedAdd(redemption.claimed, assets * ASSET_SCALE, 128n);
  s.vault.redemptions.set(requestKey(requestId, controller), { ...redemption, claimed });
  s.engine = payLiquidity(s.engine, byVault(s, call), to, assets).state;
  return { ...s, assets };
}

// ---------------------------------------------------------------- views

/** Deposited by a request and not executed, or executed and still locked. USDC units. */
export function pendingDepositRequest(s: VaultState, time: bigint, requestId: bigint, owner: Address): bigint {
  return VaultMath.isClaimable(fillOf(s, requestId), time) ? 0n : deposited(s, requestId, owner);
}

/** Deposited by a request, executed, no longer locked and not claimed. USDC units. */
export function claimableDepositRequest(s: VaultState, time: bigint, requestId: bigint, owner: Address): bigint {
  return VaultMath.isClaimable(fillOf(s, requestId), time) ? deposited(s, requestId, owner) : 0n;
}

/** Shares that claiming a deposit would give now. */
export function claimableDepositShares(s: VaultState, time: bigint, requestId: bigint, owner: Address): bigint {
  const fill = fillOf(s, requestId);
  return VaultMath.isClaimable(fill, time) ? VaultMath.claimableShares(deposited(s, requestId, owner), fill) : 0n;
}

/** Shares of a request that wait. */
export function pendingRedeemRequest(s: VaultState, requestId: bigint, owner: Address): bigint {
  return standing(s, requestId, owner).pending;
}

/** Shares of a request that were redeemed and whose assets wait to be claimed. */
export function claimableRedeemRequest(s: VaultState, requestId: bigint, owner: Address): bigint {
  const { pending, earned } = standing(s, requestId, owner);
  return VaultMath.claimableRedeemShares(loadRedemption(s, requestId, owner), pending, earned);
}

/** Assets that claiming a redemption would pay now. USDC units. */
export function claimableRedeemAssets(s: VaultState, requestId: bigint, owner: Address): bigint {
  const { earned } = standing(s, requestId, owner);
  return checkedSub(earned, loadRedemption(s, requestId, owner).claimed) / ASSET_SCALE;
}

function standing(s: VaultState, requestId: bigint, owner: Address) {
  const { shares } = loadRedemption(s, requestId, owner);
  const epoch = lowerLookup(s.enteredEpochs, narrow(requestId, 48n));
  return VaultMath.standing(shares, s.entries.get(epoch), (number) => loadRound(s, number), s.vault.round);
}
