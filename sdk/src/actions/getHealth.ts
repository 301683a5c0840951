import type { Address, ContractFunctionReturnType, Hex } from 'viem';
import { readContract } from 'viem/actions';
import { riskManagerAbi } from '../abi/index.ts';
import { onChain } from '../errors/index.ts';
import type { AnyClient } from './engine.ts';

/**
 * An account's standing at the accepted indices, funding accrued to the block. USD, 18 decimals.
 * @throws {TidemarkError}
 */
export function getHealth(
  client: AnyClient,
  { riskManager, account, blockNumber }: getHealth.Parameters,
): Promise<getHealth.ReturnType> {
  const call = {
    address: riskManager,
    abi: riskManagerAbi,
    functionName: 'getHealth',
    args: [account],
    blockNumber,
  } as const;
  return onChain(() => readContract(client, call));
}

export declare namespace getHealth {
  interface Parameters {
    /** Address of the RiskManager. */
    riskManager: Address;
    /** Account read. */
    account: Hex;
    blockNumber?: bigint;
  }
  type ReturnType = ContractFunctionReturnType<typeof riskManagerAbi, 'view', 'getHealth'>;
}
