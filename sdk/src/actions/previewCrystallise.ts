import type { Address, ContractFunctionReturnType, Hex } from 'viem';
import { readContract } from 'viem/actions';
import { riskManagerAbi } from '../abi/index.ts';
import { onChain } from '../errors/index.ts';
import type { Price } from '../math/engineTypes.ts';
import type { AnyClient } from './engine.ts';

/**
 * How much of a position's loss would move to unpaid claims at a price, and the loss.
 * @throws {TidemarkError}
 */
export function previewCrystallise(
  client: AnyClient,
  { riskManager, account, market, price, blockNumber }: previewCrystallise.Parameters,
): Promise<previewCrystallise.ReturnType> {
  const call = {
    address: riskManager,
    abi: riskManagerAbi,
    functionName: 'previewCrystallise',
    args: [account, market, price],
    blockNumber,
  } as const;
  return onChain(() => readContract(client, call));
}

export declare namespace previewCrystallise {
  interface Parameters {
    /** Address of the RiskManager. */
    riskManager: Address;
    /** Whose position. */
    account: Hex;
    /** Of the position. */
    market: bigint;
    /** The market's. */
    price: Price;
    blockNumber?: bigint;
  }
  type ReturnType = ContractFunctionReturnType<typeof riskManagerAbi, 'view', 'previewCrystallise'>;
}
