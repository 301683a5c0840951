import type { Hash, Hex } from 'viem';
import { type AnyClient, type WriteParameters, writeEngine } from './engine.ts';

/**
 * Moves what has been paid on an account's claim into its margin. Anybody may, but while orders of the account are pending.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export function collectClaim(
  client: AnyClient,
  { account, ...tx }: collectClaim.Parameters,
): Promise<collectClaim.ReturnType> {
  return writeEngine(client, tx, 'collectClaim', [account]);
}

export declare namespace collectClaim {
  interface Parameters extends WriteParameters {
    /** Account credited. */
    account: Hex;
  }
  type ReturnType = Hash;
}
