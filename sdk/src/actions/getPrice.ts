import type { Address, ContractFunctionReturnType } from 'viem';
import { readContract } from 'viem/actions';
import { priceOracleAbi } from '../abi/index.ts';
import { onChain } from '../errors/index.ts';
import type { AnyClient } from './engine.ts';

/**
 * The stored price of a market and how far it can be trusted, Chainlink's once Pyth is silent; `mid` is 0 when no source
 * answers.
 * @throws {TidemarkError}
 */
export function getPrice(
  client: AnyClient,
  { oracle, market, blockNumber }: getPrice.Parameters,
): Promise<getPrice.ReturnType> {
  const call = { address: oracle, abi: priceOracleAbi, functionName: 'peek', args: [market], blockNumber } as const;
  return onChain(() => readContract(client, call));
}

export declare namespace getPrice {
  interface Parameters {
    /** Address of the PriceOracle. */
    oracle: Address;
    /** Its id. */
    market: bigint;
    blockNumber?: bigint;
  }
  type ReturnType = ContractFunctionReturnType<typeof priceOracleAbi, 'view', 'peek'>;
}
