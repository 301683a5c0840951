import type { Hash } from 'viem';
import { type AnyClient, type ClaimParameters, writeVault } from './vault.ts';

/**
 * Takes the shares of an executed deposit, once the deposit lock has passed. By the controller or its operator.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export function claimDeposit(
  client: AnyClient,
  { requestId, to, controller, ...tx }: claimDeposit.Parameters,
): Promise<claimDeposit.ReturnType> {
  return writeVault(client, tx, 'claimDeposit', [requestId, to, controller]);
}

export declare namespace claimDeposit {
  type Parameters = ClaimParameters;
  type ReturnType = Hash;
}
