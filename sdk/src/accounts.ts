import { type Address, getAddress, type Hex, toHex } from 'viem';

const MAX_SUB = (1n << 96n) - 1n;

/**
 * An owner's account: one cross-margin portfolio. `bytes32(owner << 96 | sub)`.
 * @param sub 0 to 2⁹⁶ − 1; the first is 0.
 * @throws {RangeError} when `sub` is outside of that.
 */
export function accountId(owner: Address, sub = 0n): Hex {
  if (sub < 0n || sub > MAX_SUB) throw new RangeError(`Sub-account ${sub} does not exist: use 0 to ${MAX_SUB}.`);
  return toHex((BigInt(owner) << 96n) | sub, { size: 32 });
}

/** An owner's last account: it takes no orders, and what is earned while those of the first pend is credited to it. */
export const earningsOf = (owner: Address): Hex => accountId(owner, MAX_SUB);

/** Who owns an account, checksummed. */
export function ownerOf(account: Hex): Address {
  return getAddress(toHex(BigInt(account) >> 96n, { size: 20 }));
}

/** An account's number among its owner's. */
export function subOf(account: Hex): bigint {
  return BigInt(account) & MAX_SUB;
}

/** Markets set in a bitmap, ascending. */
export function marketsOf(bitmap: bigint): number[] {
  const markets: number[] = [];
  for (let market = 0, rest = bitmap; rest > 0n; market++, rest >>= 1n) if (rest & 1n) markets.push(market);
  return markets;
}
