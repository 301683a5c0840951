import type { ContractFunctionReturnType } from 'viem';
import type { derivativesEngineAbi } from '../abi/index.ts';
import { type AnyClient, type ReadParameters, readEngine } from './engine.ts';

/**
 * A market as stored: its funding is accrued up to `accruedAt`.
 * @throws {TidemarkError}
 */
export function getMarket(client: AnyClient, { market, ...at }: getMarket.Parameters): Promise<getMarket.ReturnType> {
  return readEngine(client, at, 'getMarket', [market]);
}

export declare namespace getMarket {
  interface Parameters extends ReadParameters {
    /** Its id. */
    market: bigint;
  }
  type ReturnType = ContractFunctionReturnType<typeof derivativesEngineAbi, 'view', 'getMarket'>;
}
