import type { Hash } from 'viem';
import { type AnyClient, type ClaimParameters, writeVault } from './vault.ts';

/**
 * Takes back a deposit that an epoch refused, or none has reached for a week. By the controller or its operator.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export function refundDeposit(
  client: AnyClient,
  { requestId, to, controller, ...tx }: refundDeposit.Parameters,
): Promise<refundDeposit.ReturnType> {
  return writeVault(client, tx, 'refundDeposit', [requestId, to, controller]);
}

export declare namespace refundDeposit {
  type Parameters = ClaimParameters;
  type ReturnType = Hash;
}
