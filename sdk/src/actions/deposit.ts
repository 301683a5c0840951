import type { Hash, Hex } from 'viem';
import { type AnyClient, type WriteParameters, writeEngine } from './engine.ts';

/**
 * Adds margin to any account; the token must have been approved. Refused while orders of the account are pending.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export function deposit(
  client: AnyClient,
  { account, assets, ...tx }: deposit.Parameters,
): Promise<deposit.ReturnType> {
  return writeEngine(client, tx, 'deposit', [account, assets]);
}

export declare namespace deposit {
  interface Parameters extends WriteParameters {
    /** Account credited. */
    account: Hex;
    /** USDC units, 6 decimals. */
    assets: bigint;
  }
  type ReturnType = Hash;
}
