import type { Hash } from 'viem';
import { type AnyClient, type ClaimParameters, writeVault } from './vault.ts';

/**
 * Takes what has been redeemed of a request so far. By the controller or its operator.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export function claimRedeem(
  client: AnyClient,
  { requestId, to, controller, ...tx }: claimRedeem.Parameters,
): Promise<claimRedeem.ReturnType> {
  return writeVault(client, tx, 'claimRedeem', [requestId, to, controller]);
}

export declare namespace claimRedeem {
  type Parameters = ClaimParameters;
  type ReturnType = Hash;
}
