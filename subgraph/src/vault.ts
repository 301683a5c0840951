import { BigInt, Bytes, ethereum } from '@graphprotocol/graph-ts';
import {
  CooldownSet,
  DepositClaimed,
  DepositLockSet,
  DepositRefunded,
  DepositRequest,
  DepositsRefused,
  EpochSettled,
  LiquidityVault,
  OutflowCapSet,
  RedeemClaimed,
  RedeemRequest,
  RoleGranted,
  RoleRevoked,
  Transfer,
  Upgraded,
} from '../generated/LiquidityVault/LiquidityVault';
import { LiquidityProvider, Vault, VaultEpoch, VaultRequest } from '../generated/schema';
import { noteChange, noteRole } from './changes';
import { max, min, RAW_PER_WAD, WAD, ZERO } from './numbers';
import { vaultDayOf } from './pool';

// The pool's shares: requests, epochs, holders.

const CONTRACT = 'vault';
const ONLY = '0';
/** USDC units in 18 decimals. */
const ASSET_SCALE = RAW_PER_WAD;

/** What it begins with is told by no event: the contract's initializer sets it. */
function vaultOf(event: ethereum.Event): Vault {
  const known = Vault.load(ONLY);
  if (known != null) return known;
  const vault = new Vault(ONLY);
  vault.address = event.address;
  vault.supply = ZERO;
  vault.sharePrice = WAD;
  vault.lowest = ZERO;
  vault.highest = ZERO;
  vault.utilisationBps = 0;
  vault.settledEpoch = ZERO;
  vault.pendingAssets = ZERO;
  vault.pendingShares = ZERO;
  vault.payable = ZERO;
  vault.deposited = ZERO;
  vault.redeemed = ZERO;
  vault.minCooldown = ZERO;
  vault.maxCooldown = ZERO;
  vault.depositLock = ZERO;
  vault.outflowCapBps = 0;
  const stored = LiquidityVault.bind(event.address).try_getVault();
  if (!stored.reverted) {
    vault.minCooldown = stored.value.minCooldown;
    vault.maxCooldown = stored.value.maxCooldown;
    vault.depositLock = stored.value.depositLock;
    vault.outflowCapBps = stored.value.outflowCapBps;
  }
  return vault;
}

function providerOf(address: Bytes): LiquidityProvider {
  const stored = LiquidityProvider.load(address);
  if (stored != null) return stored;
  const provider = new LiquidityProvider(address);
  provider.shares = ZERO;
  provider.deposited = ZERO;
  provider.redeemed = ZERO;
  return provider;
}

function requestOf(event: ethereum.Event, kind: string, epoch: BigInt, controller: Bytes): VaultRequest {
  const id = `${kind}-${epoch.toString()}-${controller.toHexString()}`;
  const stored = VaultRequest.load(id);
  if (stored != null) return stored;
  const request = new VaultRequest(id);
  request.kind = kind;
  request.status = 'pending';
  request.epoch = epoch;
  request.controller = controller;
  request.owner = controller;
  request.amount = ZERO;
  request.claimed = ZERO;
  request.refunded = ZERO;
  request.requestedAt = event.block.timestamp;
  request.transaction = event.transaction.hash;
  return request;
}

function addTo(event: ethereum.Event, request: VaultRequest, owner: Bytes, amount: BigInt): void {
  request.status = 'pending';
  request.owner = owner;
  request.amount = request.amount.plus(amount);
  request.requestedAt = event.block.timestamp;
  request.transaction = event.transaction.hash;
  request.save();
}

export function handleDepositRequest(event: DepositRequest): void {
  const params = event.params;
  addTo(event, requestOf(event, 'deposit', params.requestId, params.controller), params.owner, params.assets);
  const vault = vaultOf(event);
  vault.pendingAssets = vault.pendingAssets.plus(params.assets);
  vault.save();
  const provider = providerOf(params.controller);
  provider.deposited = provider.deposited.plus(params.assets);
  provider.save();
}

export function handleRedeemRequest(event: RedeemRequest): void {
  const params = event.params;
  addTo(event, requestOf(event, 'redemption', params.requestId, params.controller), params.owner, params.shares);
  const vault = vaultOf(event);
  vault.pendingShares = vault.pendingShares.plus(params.shares);
  vault.save();
}

export function handleDepositClaimed(event: DepositClaimed): void {
  const request = requestOf(event, 'deposit', event.params.requestId, event.params.owner);
  request.status = 'claimed';
  request.claimed = request.claimed.plus(event.params.shares);
  request.claimedAt = event.block.timestamp;
  request.save();
}

export function handleDepositRefunded(event: DepositRefunded): void {
  const params = event.params;
  const request = requestOf(event, 'deposit', params.requestId, params.owner);
  request.status = 'refunded';
  request.refunded = request.refunded.plus(params.assets);
  request.claimedAt = event.block.timestamp;
  request.save();
  const vault = vaultOf(event);
  vault.pendingAssets = vault.pendingAssets.minus(params.assets);
  vault.save();
  const provider = providerOf(params.owner);
  provider.deposited = provider.deposited.minus(params.assets);
  provider.save();
}

export function handleRedeemClaimed(event: RedeemClaimed): void {
  const params = event.params;
  const request = requestOf(event, 'redemption', params.requestId, params.owner);
  request.status = 'claimed';
  request.claimed = request.claimed.plus(params.assets);
  request.claimedAt = event.block.timestamp;
  request.save();
  const vault = vaultOf(event);
  vault.payable = vault.payable.minus(params.assets.times(ASSET_SCALE));
  vault.save();
  const provider = providerOf(params.owner);
  provider.redeemed = provider.redeemed.plus(params.assets);
  provider.save();
}

/** An epoch that has settled nothing yet. */
function newEpoch(event: ethereum.Event, number: BigInt): VaultEpoch {
  const epoch = new VaultEpoch(number.toString());
  epoch.epoch = number;
  epoch.lowest = ZERO;
  epoch.highest = ZERO;
  epoch.sharePrice = ZERO;
  epoch.depositedAmount = ZERO;
  epoch.mintedShares = ZERO;
  epoch.redeemedShares = ZERO;
  epoch.redeemedAmount = ZERO;
  epoch.waitingShares = ZERO;
  epoch.supply = ZERO;
  epoch.utilisationBps = 0;
  epoch.refusedAssets = ZERO;
  epoch.timestamp = event.block.timestamp;
  epoch.block = event.block.number;
  epoch.transaction = event.transaction.hash;
  return epoch;
}

/** Comes before its epoch's settlement, in one transaction. */
export function handleDepositsRefused(event: DepositsRefused): void {
  const epoch = newEpoch(event, event.params.epoch);
  epoch.refusedAssets = event.params.pendingAssets;
  epoch.save();
}

export function handleEpochSettled(event: EpochSettled): void {
  const params = event.params;
  const before = params.supply.minus(params.mintedShares).plus(params.redeemedShares);
  const sharePrice = max(params.lowest.plus(WAD), ZERO).times(WAD).div(before.plus(WAD));
  const utilisationBps = params.utilisationBps.toI32();
  addEpoch(event, sharePrice);

  const vault = vaultOf(event);
  vault.supply = params.supply;
  vault.sharePrice = sharePrice;
  vault.lowest = params.lowest;
  vault.highest = params.highest;
  vault.utilisationBps = utilisationBps;
  vault.settledEpoch = params.epoch;
  vault.pendingAssets = vault.pendingAssets.minus(params.depositedAmount.div(ASSET_SCALE));
  vault.pendingShares = vault.pendingShares.minus(params.redeemedShares);
  vault.payable = vault.payable.plus(params.redeemedAmount);
  vault.deposited = vault.deposited.plus(params.depositedAmount);
  vault.redeemed = vault.redeemed.plus(params.redeemedAmount);
  vault.save();

  const day = vaultDayOf(event);
  day.supply = params.supply;
  day.sharePrice = sharePrice;
  day.lowestSharePrice = min(day.lowestSharePrice, sharePrice);
  day.highestSharePrice = max(day.highestSharePrice, sharePrice);
  day.utilisationBps = utilisationBps;
  day.deposited = day.deposited.plus(params.depositedAmount);
  day.redeemed = day.redeemed.plus(params.redeemedAmount);
  day.save();
}

function addEpoch(event: EpochSettled, sharePrice: BigInt): void {
  const params = event.params;
  const refused = VaultEpoch.loadInBlock(params.epoch.toString());
  const epoch = refused != null ? refused : newEpoch(event, params.epoch);
  epoch.lowest = params.lowest;
  epoch.highest = params.highest;
  epoch.sharePrice = sharePrice;
  epoch.depositedAmount = params.depositedAmount;
  epoch.mintedShares = params.mintedShares;
  epoch.redeemedShares = params.redeemedShares;
  epoch.redeemedAmount = params.redeemedAmount;
  epoch.waitingShares = params.pendingShares;
  epoch.supply = params.supply;
  epoch.utilisationBps = params.utilisationBps.toI32();
  epoch.save();
}

export function handleTransfer(event: Transfer): void {
  const vault = vaultOf(event);
  move(vault, event.params.from, event.params.value.neg());
  move(vault, event.params.to, event.params.value);
  vault.save();
}

/** Shares that are made or burnt come from or go to nobody; those in keeping are the vault's own. */
function move(vault: Vault, holder: Bytes, change: BigInt): void {
  if (holder.equals(vault.address)) return;
  if (holder.equals(Bytes.fromHexString('0x0000000000000000000000000000000000000000'))) {
    vault.supply = vault.supply.minus(change);
    return;
  }
  const provider = providerOf(holder);
  provider.shares = provider.shares.plus(change);
  provider.save();
}

export function handleCooldownSet(event: CooldownSet): void {
  const vault = vaultOf(event);
  vault.minCooldown = event.params.minCooldown;
  vault.maxCooldown = event.params.maxCooldown;
  vault.save();
  noteChange(event, CONTRACT, 'CooldownSet', null);
}

export function handleDepositLockSet(event: DepositLockSet): void {
  const vault = vaultOf(event);
  vault.depositLock = event.params.depositLock;
  vault.save();
  noteChange(event, CONTRACT, 'DepositLockSet', null);
}

export function handleOutflowCapSet(event: OutflowCapSet): void {
  const vault = vaultOf(event);
  vault.outflowCapBps = event.params.outflowCapBps.toI32();
  vault.save();
  noteChange(event, CONTRACT, 'OutflowCapSet', null);
}

export function handleUpgraded(event: Upgraded): void {
  noteChange(event, CONTRACT, 'Upgraded', null);
}

export function handleRoleGranted(event: RoleGranted): void {
  noteRole(event, CONTRACT, event.params.role, event.params.account, event.params.sender, true);
}

export function handleRoleRevoked(event: RoleRevoked): void {
  noteRole(event, CONTRACT, event.params.role, event.params.account, event.params.sender, false);
}
