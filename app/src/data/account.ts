import { type Address, type Hex, pad, toHex } from 'viem';

/** An owner's account id: `bytes32(owner << 96 | sub)`. */
export function accountId(owner: Address, sub = 0n): Hex {
  return pad(toHex((BigInt(owner) << 96n) | sub), { size: 32 });
}
