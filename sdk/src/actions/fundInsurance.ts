import type { Hash } from 'viem';
import { type AnyClient, type WriteParameters, writeEngine } from './engine.ts';

/**
 * Adds the sender's tokens to the insurance fund; the token must have been approved.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export function fundInsurance(
  client: AnyClient,
  { assets, ...tx }: fundInsurance.Parameters,
): Promise<fundInsurance.ReturnType> {
  return writeEngine(client, tx, 'fundInsurance', [assets]);
}

export declare namespace fundInsurance {
  interface Parameters extends WriteParameters {
    /** USDC units, 6 decimals. */
    assets: bigint;
  }
  type ReturnType = Hash;
}
