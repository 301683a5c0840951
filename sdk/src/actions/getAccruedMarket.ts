import type { ContractFunctionReturnType } from 'viem';
import type { derivativesEngineAbi } from '../abi/index.ts';
import { type AnyClient, type ReadParameters, readEngine } from './engine.ts';

/**
 * A market with funding accrued to the block.
 * @throws {TidemarkError}
 */
export function getAccruedMarket(
  client: AnyClient,
  { market, ...at }: getAccruedMarket.Parameters,
): Promise<getAccruedMarket.ReturnType> {
  return readEngine(client, at, 'getAccruedMarket', [market]);
}

export declare namespace getAccruedMarket {
  interface Parameters extends ReadParameters {
    /** Its id. */
    market: bigint;
  }
  type ReturnType = ContractFunctionReturnType<typeof derivativesEngineAbi, 'view', 'getAccruedMarket'>;
}
