import type { Address, ContractFunctionReturnType, Hex } from 'viem';
import { readContract } from 'viem/actions';
import { riskManagerAbi } from '../abi/index.ts';
import { onChain } from '../errors/index.ts';
import type { AnyClient } from './engine.ts';

/**
 * What settling a position would realise at its market's index.
 * @throws {TidemarkError}
 */
export function previewSettlement(
  client: AnyClient,
  { riskManager, account, market, blockNumber }: previewSettlement.Parameters,
): Promise<previewSettlement.ReturnType> {
  const call = {
    address: riskManager,
    abi: riskManagerAbi,
    functionName: 'previewSettlement',
    args: [account, market],
    blockNumber,
  } as const;
  return onChain(() => readContract(client, call));
}

export declare namespace previewSettlement {
  interface Parameters {
    /** Address of the RiskManager. */
    riskManager: Address;
    /** Whose position. */
    account: Hex;
    /** Of the position. */
    market: bigint;
    blockNumber?: bigint;
  }
  type ReturnType = ContractFunctionReturnType<typeof riskManagerAbi, 'view', 'previewSettlement'>;
}
