import type { Address, ContractFunctionReturnType } from 'viem';
import { readContract } from 'viem/actions';
import { priceOracleAbi } from '../abi/index.ts';
import { onChain } from '../errors/index.ts';
import type { AnyClient } from './engine.ts';

/** Of a feed's bounds on the chain in that of prices. */
const BOUND_SCALE = 10n ** 10n;

/**
 * Where a market's prices come from. Floor and ceiling are USD, 18 decimals.
 * @throws {TidemarkError}
 */
export async function getFeed(
  client: AnyClient,
  { oracle, market, blockNumber }: getFeed.Parameters,
): Promise<getFeed.ReturnType> {
  const call = { address: oracle, abi: priceOracleAbi, functionName: 'getFeed', args: [market], blockNumber } as const;
  const { floor, ceiling, ...feed } = await onChain(() => readContract(client, call));
  return { ...feed, floor: floor * BOUND_SCALE, ceiling: ceiling * BOUND_SCALE };
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
