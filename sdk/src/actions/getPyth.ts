import type { Address, ContractFunctionReturnType } from 'viem';
import { readContract } from 'viem/actions';
import { priceOracleAbi } from '../abi/index.ts';
import { onChain } from '../errors/index.ts';
import type { AnyClient } from './engine.ts';

/**
 * The contract that verifies signed prices.
 * @throws {TidemarkError}
 */
export function getPyth(client: AnyClient, { oracle, blockNumber }: getPyth.Parameters): Promise<getPyth.ReturnType> {
  const call = { address: oracle, abi: priceOracleAbi, functionName: 'pyth', blockNumber } as const;
  return onChain(() => readContract(client, call));
}

export declare namespace getPyth {
  interface Parameters {
    /** Address of the PriceOracle. */
    oracle: Address;
    blockNumber?: bigint;
  }
  type ReturnType = ContractFunctionReturnType<typeof priceOracleAbi, 'view', 'pyth'>;
}
