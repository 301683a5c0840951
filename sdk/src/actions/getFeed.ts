import type { Address, ContractFunctionReturnType } from 'viem';
import { readContract } from 'viem/actions';
import { priceOracleAbi } from '../abi/index.ts';
import { onChain } from '../errors/index.ts';
import type { AnyClient } from './engine.ts';

/**
 * Where a market's prices come from.
 * @throws {TidemarkError}
 */
export function getFeed(
  client: AnyClient,
  { oracle, market, blockNumber }: getFeed.Parameters,
): Promise<getFeed.ReturnType> {
  const call = { address: oracle, abi: priceOracleAbi, functionName: 'getFeed', args: [market], blockNumber } as const;
  return onChain(() => readContract(client, call));
}

export declare namespace getFeed {
  interface Parameters {
    /** Address of the PriceOracle. */
    oracle: Address;
    /** Its id. */
    market: bigint;
    blockNumber?: bigint;
  }
  type ReturnType = ContractFunctionReturnType<typeof priceOracleAbi, 'view', 'getFeed'>;
}
