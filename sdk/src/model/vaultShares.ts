import { type Address, zeroAddress } from 'viem';
import type { Call } from './ledger.ts';
import { ModelError } from './modelError.ts';
import { allowance, balanceOf, begin, checkedAdd, type Liquidity, pairKey, type VaultState } from './vaultState.ts';

// The vault's shares, mirror of OpenZeppelin's ERC20. Functions of a VaultState write into it; the operations give them a
// copy.

const UNLIMITED = 2n ** 256n - 1n;
const isZero = (address: Address) => BigInt(address) === 0n;

export function moveShares(s: VaultState, from: Address, to: Address, shares: bigint): void {
  if (isZero(from)) throw new ModelError('ERC20InvalidSender', [zeroAddress]);
  if (isZero(to)) throw new ModelError('ERC20InvalidReceiver', [zeroAddress]);
  takeShares(s, from, shares);
  setBalance(s, to, balanceOf(s, to) + shares);
}

export function mintShares(s: VaultState, to: Address, shares: bigint): void {
  s.totalSupply = checkedAdd(s.totalSupply, shares, 256n);
  setBalance(s, to, balanceOf(s, to) + shares);
}

export function burnShares(s: VaultState, from: Address, shares: bigint): void {
  takeShares(s, from, shares);
  s.totalSupply -= shares;
}

function takeShares(s: VaultState, from: Address, shares: bigint): void {
  const balance = balanceOf(s, from);
  if (balance < shares) throw new ModelError('ERC20InsufficientBalance', [from, balance, shares]);
  setBalance(s, from, balance - shares);
}

function setBalance(s: VaultState, holder: Address, shares: bigint): void {
  s.balances.set(holder.toLowerCase(), shares);
}

export function setAllowance(s: VaultState, owner: Address, spender: Address, shares: bigint): void {
  if (isZero(owner)) throw new ModelError('ERC20InvalidApprover', [zeroAddress]);
  if (isZero(spender)) throw new ModelError('ERC20InvalidSpender', [zeroAddress]);
  s.allowances.set(pairKey(owner, spender), shares);
}

/** An allowance of everything is never spent. */
export function spendAllowance(s: VaultState, owner: Address, spender: Address, shares: bigint): void {
  const allowed = allowance(s, owner, spender);
  if (allowed === UNLIMITED) return;
  if (allowed < shares) throw new ModelError('ERC20InsufficientAllowance', [spender, allowed, shares]);
  setAllowance(s, owner, spender, allowed - shares);
}

export function transfer(states: Liquidity, call: Call, to: Address, shares: bigint): Liquidity {
  const s = begin(states);
  moveShares(s.vault, call.sender, to, shares);
  return s;
}

export function approve(states: Liquidity, call: Call, spender: Address, shares: bigint): Liquidity {
  const s = begin(states);
  setAllowance(s.vault, call.sender, spender, shares);
  return s;
}

export function transferFrom(states: Liquidity, call: Call, from: Address, to: Address, shares: bigint): Liquidity {
  const s = begin(states);
  spendAllowance(s.vault, from, call.sender, shares);
  moveShares(s.vault, from, to, shares);
  return s;
}
