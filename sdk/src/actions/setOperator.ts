import type { Address, Hash } from 'viem';
import { type AnyClient, type VaultWriteParameters, writeVault } from './vault.ts';

/**
 * Lets an operator request with the sender's tokens and shares and claim what is the sender's, to wherever it says; or no
 * longer.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export function setOperator(
  client: AnyClient,
  { operator, approved, ...tx }: setOperator.Parameters,
): Promise<setOperator.ReturnType> {
  return writeVault(client, tx, 'setOperator', [operator, approved]);
}

export declare namespace setOperator {
  interface Parameters extends VaultWriteParameters {
    operator: Address;
    approved: boolean;
  }
  type ReturnType = Hash;
}
