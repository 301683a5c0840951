import type { ContractFunctionReturnType, Hex } from 'viem';
import type { derivativesEngineAbi } from '../abi/index.ts';
import { type AnyClient, type ReadParameters, readEngine } from './engine.ts';

/**
 * What of an account's claim on the pool is unpaid, USD, 18 decimals, rounded up.
 * @throws {TidemarkError}
 */
export function getUnpaidClaim(
  client: AnyClient,
  { account, ...at }: getUnpaidClaim.Parameters,
): Promise<getUnpaidClaim.ReturnType> {
  return readEngine(client, at, 'unpaidClaim', [account]);
}

export declare namespace getUnpaidClaim {
  interface Parameters extends ReadParameters {
    /** Account read. */
    account: Hex;
  }
  type ReturnType = ContractFunctionReturnType<typeof derivativesEngineAbi, 'view', 'unpaidClaim'>;
}
