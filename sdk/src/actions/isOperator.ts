import type { Address } from 'viem';
import { type AnyClient, readVault, type VaultReadParameters } from './vault.ts';

/**
 * Whether an operator may request and claim for somebody.
 * @throws {TidemarkError}
 */
export function isOperator(
  client: AnyClient,
  { controller, operator, ...at }: isOperator.Parameters,
): Promise<isOperator.ReturnType> {
  return readVault(client, at, 'isOperator', [controller, operator]);
}

export declare namespace isOperator {
  interface Parameters extends VaultReadParameters {
    controller: Address;
    operator: Address;
  }
  type ReturnType = boolean;
}
