import type { Hash, Hex } from 'viem';
import { type AnyClient, type WriteParameters, writeEngine } from './engine.ts';

/**
 * Uses up nonces of an account of the sender's, so that what was signed with them can no longer be committed.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export function cancelNonces(
  client: AnyClient,
  { account, word, nonces, ...tx }: cancelNonces.Parameters,
): Promise<cancelNonces.ReturnType> {
  return writeEngine(client, tx, 'cancelNonces', [account, word, nonces]);
}

export declare namespace cancelNonces {
  interface Parameters extends WriteParameters {
    /** Account of the sender's. */
    account: Hex;
    /** Which 256 nonces: of nonce n it is n / 256. */
    word: bigint;
    /** Bit i set: nonce `word` · 256 + i. */
    nonces: bigint;
  }
  type ReturnType = Hash;
}
