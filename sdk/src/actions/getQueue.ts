import type { ContractFunctionReturnType } from 'viem';
import type { derivativesEngineAbi } from '../abi/index.ts';
import { type AnyClient, type ReadParameters, readEngine } from './engine.ts';

/**
 * A market's queue of committed batches: head, tail, escrow (USD, 18 decimals), fee (US cents).
 * @throws {TidemarkError}
 */
export function getQueue(client: AnyClient, { market, ...at }: getQueue.Parameters): Promise<getQueue.ReturnType> {
  return readEngine(client, at, 'getQueue', [market]);
}

export declare namespace getQueue {
  interface Parameters extends ReadParameters {
    /** Its id. */
    market: bigint;
  }
  type ReturnType = ContractFunctionReturnType<typeof derivativesEngineAbi, 'view', 'getQueue'>;
}
