import type { ContractFunctionReturnType } from 'viem';
import type { derivativesEngineAbi } from '../abi/index.ts';
import { type AnyClient, type ReadParameters, readEngine } from './engine.ts';

/**
 * The collateral: USDC.
 * @throws {TidemarkError}
 */
export function getAsset(client: AnyClient, at: getAsset.Parameters): Promise<getAsset.ReturnType> {
  return readEngine(client, at, 'asset', []);
}

export declare namespace getAsset {
  type Parameters = ReadParameters;
  type ReturnType = ContractFunctionReturnType<typeof derivativesEngineAbi, 'view', 'asset'>;
}
