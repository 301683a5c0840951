import type { Address, ContractFunctionReturnType, Hex } from 'viem';
import { readContract } from 'viem/actions';
import { pythAbi } from '../abi/index.ts';
import { onChain } from '../errors/index.ts';
import type { AnyClient } from './engine.ts';

/**
 * What bringing signed updates costs, wei: send exactly this.
 * @throws {TidemarkError}
 */
export function getUpdateFee(
  client: AnyClient,
  { pyth, update, blockNumber }: getUpdateFee.Parameters,
): Promise<getUpdateFee.ReturnType> {
  const call = { address: pyth, abi: pythAbi, functionName: 'getUpdateFee', args: [update], blockNumber } as const;
  return onChain(() => readContract(client, call));
}

export declare namespace getUpdateFee {
  interface Parameters {
    /** Pyth's address. */
    pyth: Address;
    /** Signed updates. */
    update: readonly Hex[];
    blockNumber?: bigint;
  }
  type ReturnType = ContractFunctionReturnType<typeof pythAbi, 'view', 'getUpdateFee'>;
}
