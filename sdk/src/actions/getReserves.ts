import type { ContractFunctionReturnType } from 'viem';
import type { derivativesEngineAbi } from '../abi/index.ts';
import { type AnyClient, type ReadParameters, readEngine } from './engine.ts';

/**
 * Insurance and treasury, USD, 18 decimals, without their part of undivided fees.
 * @throws {TidemarkError}
 */
export function getReserves(client: AnyClient, at: getReserves.Parameters): Promise<getReserves.ReturnType> {
  return readEngine(client, at, 'getReserves', []);
}

export declare namespace getReserves {
  type Parameters = ReadParameters;
  type ReturnType = ContractFunctionReturnType<typeof derivativesEngineAbi, 'view', 'getReserves'>;
}
