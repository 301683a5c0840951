import { type Address, concat, type Hex, hexToNumber, parseSignature, recoverAddress, size, slice, toHex } from 'viem';
import { SignatureUnreadableError } from './orderErrors.ts';

/** Most orders that one signature covers. */
export const MAX_BUNDLE = 32;

const PARITY = 1n << 255n;

/**
 * A key's signature in the 64 bytes of EIP-2098, as orders carry it.
 * @param signature 65 bytes, or 64 already.
 * @throws {SignatureUnreadableError}
 */
export function compactSignature(signature: Hex): Hex {
  if (size(signature) === 64) return signature;
  if (size(signature) !== 65) {
    throw new SignatureUnreadableError(`A key's signature has 65 bytes, this one ${size(signature)}.`);
  }
  const { r, s, yParity } = parseSignature(signature);
  return concat([r, toHex(BigInt(s) | (yParity === 1 ? PARITY : 0n), { size: 32 })]);
}

/**
 * Whose key made a compact signature.
 * @param hash What was signed.
 * @throws {SignatureUnreadableError}
 */
export async function recoverCompact(hash: Hex, signature: Hex): Promise<Address> {
  if (size(signature) !== 64) {
    throw new SignatureUnreadableError(`A key's compact signature has 64 bytes, this one ${size(signature)}.`);
  }
  const packed = BigInt(slice(signature, 32));
  const s = toHex(packed & (PARITY - 1n), { size: 32 });
  try {
    return await recoverAddress({
      hash,
      signature: { r: slice(signature, 0, 32), s, yParity: packed < PARITY ? 0 : 1 },
    });
  } catch (cause) {
    throw new SignatureUnreadableError('The signature is nobody’s.', cause);
  }
}

/** One order's part of a bundle: what its commit brings as the signature. */
export interface BundleProof {
  /** Which of the hashes is the order's. */
  place: number;
  /** Of all orders of the bundle, each its own EIP-712 hash. */
  hashes: readonly Hex[];
  /** Of the bundle. */
  signature: Hex;
}

/** Encodes a part of a bundle: how many orders, which of them, their hashes, the signature. */
export function encodeBundleProof({ place, hashes, signature }: BundleProof): Hex {
  return concat([toHex(hashes.length, { size: 1 }), toHex(place, { size: 1 }), ...hashes, signature]);
}

/**
 * Decodes a part of a bundle.
 * @throws {SignatureUnreadableError} When it is none: no order or too many, truncated, or a place beyond the last.
 */
export function decodeBundleProof(encoded: Hex): BundleProof {
  const count = size(encoded) < 2 ? 0 : hexToNumber(slice(encoded, 0, 1));
  if (count === 0 || count > MAX_BUNDLE || size(encoded) < 2 + 32 * count) {
    throw new SignatureUnreadableError(`No bundle of 1 to ${MAX_BUNDLE} orders is in these ${size(encoded)} bytes.`);
  }
  const place = hexToNumber(slice(encoded, 1, 2));
  if (place >= count) throw new SignatureUnreadableError(`The bundle of ${count} orders has no place ${place}.`);
  const hashes = Array.from({ length: count }, (_, i) => slice(encoded, 2 + 32 * i, 34 + 32 * i));
  const end = 2 + 32 * count;
  return { place, hashes, signature: size(encoded) === end ? '0x' : slice(encoded, end) };
}
