import type { ContractFunctionReturnType } from 'viem';
import type { derivativesEngineAbi } from '../abi/index.ts';
import { type AnyClient, type ReadParameters, readEngine } from './engine.ts';

/**
 * A batch in the queue; meaningful from head to tail only.
 * @throws {TidemarkError}
 */
export function getQueueItem(
  client: AnyClient,
  { market, index, ...at }: getQueueItem.Parameters,
): Promise<getQueueItem.ReturnType> {
  return readEngine(client, at, 'getQueueItem', [market, index]);
}

export declare namespace getQueueItem {
  interface Parameters extends ReadParameters {
    /** Its id. */
    market: bigint;
    /** Place in the queue. */
    index: bigint;
  }
  type ReturnType = ContractFunctionReturnType<typeof derivativesEngineAbi, 'view', 'getQueueItem'>;
}
