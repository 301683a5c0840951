import type { Address, ContractFunctionReturnType, Hex } from 'viem';
import { readContract } from 'viem/actions';
import { riskManagerAbi } from '../abi/index.ts';
import { onChain } from '../errors/index.ts';
import type { Price } from '../math/engineTypes.ts';
import type { AnyClient } from './engine.ts';

/**
 * What an immediate close would do at a price.
 * @throws {TidemarkError}
 */
export function previewCloseNow(
  client: AnyClient,
  { riskManager, account, market, size, limitPrice, price, blockNumber }: previewCloseNow.Parameters,
): Promise<previewCloseNow.ReturnType> {
  const call = {
    address: riskManager,
    abi: riskManagerAbi,
    functionName: 'previewCloseNow',
    args: [account, market, size, limitPrice, price],
    blockNumber,
  } as const;
  return onChain(() => readContract(client, call));
}

export declare namespace previewCloseNow {
  interface Parameters {
    /** Address of the RiskManager. */
    riskManager: Address;
    /** Account read. */
    account: Hex;
    /** Its id. */
    market: bigint;
    /** Base units, 12 decimals, positive. */
    size: bigint;
    /** USD per base unit, 18 decimals; 0 binds no sell, `NO_LIMIT` binds no buy. */
    limitPrice: bigint;
    /** Spanning both sources. */
    price: Price;
    blockNumber?: bigint;
  }
  type ReturnType = ContractFunctionReturnType<typeof riskManagerAbi, 'view', 'previewCloseNow'>;
}
