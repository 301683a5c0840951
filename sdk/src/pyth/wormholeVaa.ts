import { type Address, type Hex, keccak256, recoverAddress } from 'viem';
import type { ByteReader } from './byteReader.ts';
import {
  PriceUpdateEmitterError,
  PriceUpdateGuardianSetError,
  PriceUpdateQuorumError,
  PriceUpdateSignatureError,
} from './priceUpdateErrors.ts';

/** One guardian's signature. */
export interface GuardianSignature {
  /** Place in the guardian set. */
  signer: number;
  r: Hex;
  s: Hex;
  /** Parity, 0 or 1 in a valid one. */
  v: number;
}

/** Who signed what, as claimed; `verifyVaa` tells whether they did. */
export interface WormholeVaa {
  guardianSetIndex: bigint;
  signatures: readonly GuardianSignature[];
  /** What the guardians sign: keccak256(keccak256(body)). */
  digest: Hex;
  /** Seconds. */
  timestamp: bigint;
  nonce: bigint;
  /** Wormhole's number; 26 is Pythnet. */
  emitterChain: number;
  emitter: Hex;
  sequence: bigint;
  consistencyLevel: number;
}

/** Who may sign and in whose name. */
export interface WormholeTrust {
  /** Signers in the order of their index. */
  guardians: readonly Address[];
  /** Signatures needed; every one brought has to be right. */
  quorum: number;
  /** Number of this set of signers. */
  guardianSetIndex: number;
  emitterChain: number;
  emitter: Hex;
}

/** Who made a signature of a digest. Throws when nobody can have made it. */
export type RecoverSigner = (digest: Hex, signature: GuardianSignature) => Promise<Address>;

const HEADER_SIZE = 6;
const SIGNATURE_SIZE = 66;
const EMITTER_OFFSET = 8;

/**
 * The signed message up to its payload, which is left to be read; mirror of WormholeVaa.sol.
 * @throws {PriceUpdateError} when cut short or of an unknown version.
 */
export function readVaa(reader: ByteReader): WormholeVaa {
  reader.expect(1, 1n, 'the version of the signed message');
  const guardianSetIndex = reader.uint(4, 'the guardian set');
  const signatures = Array.from({ length: reader.count(1, 'the number of signatures') }, () => ({
    signer: reader.count(1, 'a signer'),
    r: reader.hex(32, 'a signature'),
    s: reader.hex(32, 'a signature'),
    v: reader.count(1, 'a signature'),
  }));
  return {
    guardianSetIndex,
    signatures,
    digest: keccak256(keccak256(reader.rest())),
    timestamp: reader.uint(4, 'the time of the signed message'),
    nonce: reader.uint(4, 'the nonce'),
    emitterChain: reader.count(2, "the emitter's chain"),
    emitter: reader.hex(32, 'the emitter'),
    sequence: reader.uint(8, 'the sequence'),
    consistencyLevel: reader.count(1, 'the consistency level'),
  };
}

/**
 * Checks that a quorum of the trusted guardians signed the message for the trusted emitter; mirror of `verify` in
 * WormholeVaa.sol. Signers come in strictly ascending order, so that none counts twice.
 * @param offset Of the message's first byte in the whole.
 * @throws {PriceUpdateGuardianSetError}
 * @throws {PriceUpdateQuorumError}
 * @throws {PriceUpdateSignatureError}
 * @throws {PriceUpdateEmitterError}
 */
export async function verifyVaa(
  { guardianSetIndex, signatures, digest, emitterChain, emitter }: WormholeVaa,
  trust: WormholeTrust,
  offset: number,
  recover: RecoverSigner = recoverSigner,
): Promise<void> {
  if (guardianSetIndex !== BigInt(trust.guardianSetIndex))
    throw new PriceUpdateGuardianSetError(offset + 1, guardianSetIndex, BigInt(trust.guardianSetIndex));
  if (signatures.length < trust.quorum) throw new PriceUpdateQuorumError(offset + 5, signatures.length, trust.quorum);
  let next = 0;
  let at = offset + HEADER_SIZE;
  for (const signature of signatures) {
    const { signer } = signature;
    const guardian = trust.guardians[signer];
    if (signer < next) throw new PriceUpdateSignatureError(`guardian ${signer} signs out of order`, at, signer);
    if (!guardian) throw new PriceUpdateSignatureError(`guardian ${signer} is not in the set`, at, signer);
    const actual = await recover(digest, signature).catch(() => undefined);
    if (actual?.toLowerCase() !== guardian.toLowerCase())
      throw new PriceUpdateSignatureError(`guardian ${signer}, ${guardian}, did not sign it`, at, signer);
    next = signer + 1;
    at += SIGNATURE_SIZE;
  }
  if (emitterChain !== trust.emitterChain || emitter !== trust.emitter.toLowerCase())
    throw new PriceUpdateEmitterError(at + EMITTER_OFFSET, emitterChain, emitter);
}

/** By viem. */
export const recoverSigner: RecoverSigner = async (hash, { r, s, v }) => {
  // The numbers 27 and 28 mean the same to the library, not to the chain.
  if (v > 1) throw new RangeError(`The parity ${v} is neither 0 nor 1.`);
  return recoverAddress({ hash, signature: { r, s, yParity: v } });
};
