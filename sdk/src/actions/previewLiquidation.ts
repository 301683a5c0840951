import type { Address, ContractFunctionReturnType, Hex } from 'viem';
import { readContract } from 'viem/actions';
import { riskManagerAbi } from '../abi/index.ts';
import { onChain } from '../errors/index.ts';
import type { Price } from '../math/engineTypes.ts';
import type { AnyClient } from './engine.ts';

/**
 * What liquidating an account would do at prices, whether or not it may be liquidated.
 * @throws {TidemarkError}
 */
export function previewLiquidation(
  client: AnyClient,
  { riskManager, account, prices, blockNumber }: previewLiquidation.Parameters,
): Promise<previewLiquidation.ReturnType> {
  const call = {
    address: riskManager,
    abi: riskManagerAbi,
    functionName: 'previewLiquidation',
    args: [account, prices],
    blockNumber,
  } as const;
  return onChain(() => readContract(client, call));
}

export declare namespace previewLiquidation {
  interface Parameters {
    /** Address of the RiskManager. */
    riskManager: Address;
    /** Account read. */
    account: Hex;
    /** One per market of the account, ascending. */
    prices: readonly Price[];
    blockNumber?: bigint;
  }
  type ReturnType = ContractFunctionReturnType<typeof riskManagerAbi, 'view', 'previewLiquidation'>;
}
