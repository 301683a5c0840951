import type { Address, ContractFunctionReturnType, Hex } from 'viem';
import { readContract } from 'viem/actions';
import { riskManagerAbi } from '../abi/index.ts';
import { onChain } from '../errors/index.ts';
import type { Price } from '../math/engineTypes.ts';
import type { AnyClient } from './engine.ts';

/**
 * What a market order would do at a price, by the calculation that settles it.
 * @throws {TidemarkError}
 */
export function previewOrder(
  client: AnyClient,
  { riskManager, account, market, sizeDelta, limitPrice, reduceOnly, price, blockNumber }: previewOrder.Parameters,
): Promise<previewOrder.ReturnType> {
  const call = {
    address: riskManager,
    abi: riskManagerAbi,
    functionName: 'previewOrder',
    args: [account, market, sizeDelta, limitPrice, reduceOnly, price],
    blockNumber,
  } as const;
  return onChain(() => readContract(client, call));
}

export declare namespace previewOrder {
  interface Parameters {
    /** Address of the RiskManager. */
    riskManager: Address;
    /** Account read. */
    account: Hex;
    /** Its id. */
    market: bigint;
    /** Base units, 12 decimals, + buys, not zero. */
    sizeDelta: bigint;
    /** USD per base unit, 18 decimals; 0 binds no sell, `NO_LIMIT` binds no buy. */
    limitPrice: bigint;
    /** Fills at most what closes the position. */
    reduceOnly: boolean;
    /** The fill's price. */
    price: Price;
    blockNumber?: bigint;
  }
  type ReturnType = ContractFunctionReturnType<typeof riskManagerAbi, 'view', 'previewOrder'>;
}
