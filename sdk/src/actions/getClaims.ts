import type { ContractFunctionReturnType } from 'viem';
import type { derivativesEngineAbi } from '../abi/index.ts';
import { type AnyClient, type ReadParameters, readEngine } from './engine.ts';

/**
 * What the pool owes to winners in all.
 * @throws {TidemarkError}
 */
export function getClaims(client: AnyClient, at: getClaims.Parameters): Promise<getClaims.ReturnType> {
  return readEngine(client, at, 'getClaims', []);
}

export declare namespace getClaims {
  type Parameters = ReadParameters;
  type ReturnType = ContractFunctionReturnType<typeof derivativesEngineAbi, 'view', 'getClaims'>;
}
