import type { ContractFunctionReturnType, Hex } from 'viem';
import type { derivativesEngineAbi } from '../abi/index.ts';
import { type AnyClient, type ReadParameters, readEngine } from './engine.ts';

/**
 * What an account's claim on the pool still brings it, unpaid or paid and not collected: counts for maintenance. USD, 18
 * decimals.
 * @throws {TidemarkError}
 */
export function getClaim(client: AnyClient, { account, ...at }: getClaim.Parameters): Promise<getClaim.ReturnType> {
  return readEngine(client, at, 'claimOf', [account]);
}

export declare namespace getClaim {
  interface Parameters extends ReadParameters {
    /** Account read. */
    account: Hex;
  }
  type ReturnType = ContractFunctionReturnType<typeof derivativesEngineAbi, 'view', 'claimOf'>;
}
