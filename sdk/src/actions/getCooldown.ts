import type { ContractFunctionReturnType } from 'viem';
import type { liquidityVaultAbi } from '../abi/index.ts';
import { type AnyClient, readVault, type VaultReadParameters } from './vault.ts';

/**
 * Time between a redemption's request and its execution, for requests made now. Seconds, rounded up.
 * @throws {TidemarkError}
 */
export function getCooldown(client: AnyClient, at: getCooldown.Parameters): Promise<getCooldown.ReturnType> {
  return readVault(client, at, 'cooldown', []);
}

export declare namespace getCooldown {
  type Parameters = VaultReadParameters;
  type ReturnType = ContractFunctionReturnType<typeof liquidityVaultAbi, 'view', 'cooldown'>;
}
