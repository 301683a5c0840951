import type { ContractFunctionReturnType } from 'viem';
import type { derivativesEngineAbi } from '../abi/index.ts';
import { type AnyClient, type ReadParameters, readEngine } from './engine.ts';

/**
 * Every term of the books, so that anybody can check them in one call.
 * @throws {TidemarkError}
 */
export function getSolvency(client: AnyClient, at: getSolvency.Parameters): Promise<getSolvency.ReturnType> {
  return readEngine(client, at, 'solvency', []);
}

export declare namespace getSolvency {
  type Parameters = ReadParameters;
  type ReturnType = ContractFunctionReturnType<typeof derivativesEngineAbi, 'view', 'solvency'>;
}
