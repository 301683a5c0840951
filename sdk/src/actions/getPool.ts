import type { ContractFunctionReturnType } from 'viem';
import type { derivativesEngineAbi } from '../abi/index.ts';
import { type AnyClient, type ReadParameters, readEngine } from './engine.ts';

/**
 * The pool's cash and the undivided fees (USD, 18 decimals), and the pause level.
 * @throws {TidemarkError}
 */
export function getPool(client: AnyClient, at: getPool.Parameters): Promise<getPool.ReturnType> {
  return readEngine(client, at, 'getPool', []);
}

export declare namespace getPool {
  type Parameters = ReadParameters;
  type ReturnType = ContractFunctionReturnType<typeof derivativesEngineAbi, 'view', 'getPool'>;
}
