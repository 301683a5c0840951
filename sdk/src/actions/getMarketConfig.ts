import type { ContractFunctionReturnType } from 'viem';
import type { derivativesEngineAbi } from '../abi/index.ts';
import { type AnyClient, type ReadParameters, readEngine } from './engine.ts';

/**
 * A market's parameters.
 * @throws {TidemarkError}
 */
export function getMarketConfig(
  client: AnyClient,
  { market, ...at }: getMarketConfig.Parameters,
): Promise<getMarketConfig.ReturnType> {
  return readEngine(client, at, 'getMarketConfig', [market]);
}

export declare namespace getMarketConfig {
  interface Parameters extends ReadParameters {
    /** Its id. */
    market: bigint;
  }
  type ReturnType = ContractFunctionReturnType<typeof derivativesEngineAbi, 'view', 'getMarketConfig'>;
}
