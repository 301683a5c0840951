import type { ContractFunctionReturnType } from 'viem';
import type { derivativesEngineAbi } from '../abi/index.ts';
import { type AnyClient, type ReadParameters, readEngine } from './engine.ts';

/**
 * How many markets are listed; their ids are 0 to count − 1.
 * @throws {TidemarkError}
 */
export function getMarketCount(client: AnyClient, at: getMarketCount.Parameters): Promise<getMarketCount.ReturnType> {
  return readEngine(client, at, 'marketCount', []);
}

export declare namespace getMarketCount {
  type Parameters = ReadParameters;
  type ReturnType = ContractFunctionReturnType<typeof derivativesEngineAbi, 'view', 'marketCount'>;
}
