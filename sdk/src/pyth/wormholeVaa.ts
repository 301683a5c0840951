import { type Hex, keccak256 } from 'viem';
import type { ByteReader } from './byteReader.ts';

/** One guardian's signature. */
export interface GuardianSignature {
  /** Place in the guardian set. */
  signer: number;
  r: Hex;
  s: Hex;
  /** Parity, 0 or 1 in a valid one. */
  v: number;
}

/** Who signed what, as claimed: whether they did is for the chain to verify. */
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
