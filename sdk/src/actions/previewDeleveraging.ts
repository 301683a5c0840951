import type { Address, ContractFunctionReturnType } from 'viem';
import { readContract } from 'viem/actions';
import { riskManagerAbi } from '../abi/index.ts';
import { onChain } from '../errors/index.ts';
import type { Price } from '../math/engineTypes.ts';
import type { AnyClient } from './engine.ts';

/**
 * What deleveraging a market would take at prices, whether or not its exposure exceeds the limit.
 * @throws {TidemarkError}
 */
export function previewDeleveraging(
  client: AnyClient,
  { riskManager, market, prices, blockNumber }: previewDeleveraging.Parameters,
): Promise<previewDeleveraging.ReturnType> {
  const call = {
    address: riskManager,
    abi: riskManagerAbi,
    functionName: 'previewDeleveraging',
    args: [market, prices],
    blockNumber,
  } as const;
  return onChain(() => readContract(client, call));
}

export declare namespace previewDeleveraging {
  interface Parameters {
    /** Address of the RiskManager. */
    riskManager: Address;
    /** Its id. */
    market: bigint;
    /** One per market that is not settled, ascending. */
    prices: readonly Price[];
    blockNumber?: bigint;
  }
  type ReturnType = ContractFunctionReturnType<typeof riskManagerAbi, 'view', 'previewDeleveraging'>;
}
