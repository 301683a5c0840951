import type { ContractFunctionReturnType, Hex } from 'viem';
import type { derivativesEngineAbi } from '../abi/index.ts';
import { type AnyClient, type ReadParameters, readEngine } from './engine.ts';

/**
 * What is remembered of an account from times in which its prices were in doubt: the bitmap of markets that hold its margin,
 * and when it was flagged, seconds, 0 when never.
 * @throws {TidemarkError}
 */
export function getDoubt(client: AnyClient, { account, ...at }: getDoubt.Parameters): Promise<getDoubt.ReturnType> {
  return readEngine(client, at, 'getDoubt', [account]);
}

export declare namespace getDoubt {
  interface Parameters extends ReadParameters {
    /** Account read. */
    account: Hex;
  }
  type ReturnType = ContractFunctionReturnType<typeof derivativesEngineAbi, 'view', 'getDoubt'>;
}
