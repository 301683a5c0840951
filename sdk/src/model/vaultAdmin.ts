import type { Address, Hex } from 'viem';
import * as VaultMath from '../math/vaultMath.ts';
import { CONFIGURATOR_ROLE, DEFAULT_ADMIN_ROLE, roleKey } from './engineState.ts';
import type { Call } from './ledger.ts';
import { ModelError } from './modelError.ts';
import { begin, type Liquidity, type VaultState } from './vaultState.ts';

// The vault's parameters and roles, mirror of LiquidityVault.sol and of OpenZeppelin's AccessControl.

/** Time between request and redemption. @param minCooldown, maxCooldown Seconds, at a utilisation of none and of all. */
export function setCooldown(states: Liquidity, call: Call, minCooldown: bigint, maxCooldown: bigint): Liquidity {
  const s = begin(states);
  onlyVaultRole(s.vault, call.sender, CONFIGURATOR_ROLE);
  const { MIN_COOLDOWN, MAX_COOLDOWN } = VaultMath;
  const refuse = (seconds: bigint, limit: bigint) => new ModelError('CooldownOutOfBounds', [seconds, limit]);
  if (minCooldown < MIN_COOLDOWN) throw refuse(minCooldown, MIN_COOLDOWN);
  if (maxCooldown > MAX_COOLDOWN) throw refuse(maxCooldown, MAX_COOLDOWN);
  if (minCooldown > maxCooldown) throw refuse(minCooldown, maxCooldown);
  Object.assign(s.vault.vault, { minCooldown, maxCooldown });
  return s;
}

/** How long an epoch keeps the shares it sells, seconds. */
export function setDepositLock(states: Liquidity, call: Call, depositLock: bigint): Liquidity {
  const s = begin(states);
  onlyVaultRole(s.vault, call.sender, CONFIGURATOR_ROLE);
  const limit = VaultMath.MAX_DEPOSIT_LOCK;
  if (depositLock > limit) throw new ModelError('DepositLockOutOfBounds', [depositLock, limit]);
  s.vault.vault.depositLock = depositLock;
  return s;
}

/** Most of the pool that 24 epochs may redeem, basis points. */
export function setOutflowCap(states: Liquidity, call: Call, outflowCapBps: bigint): Liquidity {
  const s = begin(states);
  onlyVaultRole(s.vault, call.sender, CONFIGURATOR_ROLE);
  const { MIN_OUTFLOW_CAP_BPS: least, MAX_OUTFLOW_CAP_BPS: most } = VaultMath;
  if (outflowCapBps < least) throw new ModelError('OutflowCapOutOfBounds', [outflowCapBps, least]);
  if (outflowCapBps > most) throw new ModelError('OutflowCapOutOfBounds', [outflowCapBps, most]);
  s.vault.vault.outflowCapBps = outflowCapBps;
  return s;
}

/** Every role's admin is the default one. */
export function grantRole(states: Liquidity, call: Call, role: Hex, holder: Address): Liquidity {
  const s = begin(states);
  onlyVaultRole(s.vault, call.sender, DEFAULT_ADMIN_ROLE);
  s.vault.roles.add(roleKey(role, holder));
  return s;
}

export function revokeRole(states: Liquidity, call: Call, role: Hex, holder: Address): Liquidity {
  const s = begin(states);
  onlyVaultRole(s.vault, call.sender, DEFAULT_ADMIN_ROLE);
  s.vault.roles.delete(roleKey(role, holder));
  return s;
}

/** @param confirmation The caller's own address. */
export function renounceRole(states: Liquidity, call: Call, role: Hex, confirmation: Address): Liquidity {
  const s = begin(states);
  if (confirmation.toLowerCase() !== call.sender.toLowerCase()) throw new ModelError('AccessControlBadConfirmation');
  s.vault.roles.delete(roleKey(role, confirmation));
  return s;
}

function onlyVaultRole(s: VaultState, sender: Address, role: Hex): void {
  if (!s.roles.has(roleKey(role, sender))) throw new ModelError('AccessControlUnauthorizedAccount', [sender, role]);
}
