import type { ContractFunctionReturnType } from 'viem';
import type { derivativesEngineAbi } from '../abi/index.ts';
import { type AnyClient, type ReadParameters, readEngine } from './engine.ts';

/**
 * Where prices come from.
 * @throws {TidemarkError}
 */
export function getOracle(client: AnyClient, at: getOracle.Parameters): Promise<getOracle.ReturnType> {
  return readEngine(client, at, 'oracle', []);
}

export declare namespace getOracle {
  type Parameters = ReadParameters;
  type ReturnType = ContractFunctionReturnType<typeof derivativesEngineAbi, 'view', 'oracle'>;
}
