import type { Address, ContractFunctionReturnType } from 'viem';
import { readContract } from 'viem/actions';
import { riskManagerAbi } from '../abi/index.ts';
import { onChain } from '../errors/index.ts';
import type { Price } from '../math/engineTypes.ts';
import type { OrderFields } from '../math/orderWords.ts';
import { orderOf } from '../orders/orderOf.ts';
import type { AnyClient } from './engine.ts';

/**
 * What an order would do at a price, by the calculation that settles it: its trigger taken as met, what a commit checks as
 * passed.
 * @throws {OrderInvalidError}
 * @throws {TidemarkError}
 */
export async function previewOrder(
  client: AnyClient,
  { riskManager, market, order, price, blockNumber }: previewOrder.Parameters,
): Promise<previewOrder.ReturnType> {
  const call = {
    address: riskManager,
    abi: riskManagerAbi,
    functionName: 'previewOrder',
    args: [market, orderOf(order), price],
    blockNumber,
  } as const;
  return onChain(() => readContract(client, call));
}

export declare namespace previewOrder {
  interface Parameters {
    /** Address of the RiskManager. */
    riskManager: Address;
    /** Its id. */
    market: bigint;
    /** Its size change not zero. */
    order: OrderFields;
    /** The fill's price. */
    price: Price;
    blockNumber?: bigint;
  }
  type ReturnType = ContractFunctionReturnType<typeof riskManagerAbi, 'view', 'previewOrder'>;
}
