import type { Address, Hex } from 'viem';
import { readContract } from 'viem/actions';
import { riskManagerAbi } from '../abi/index.ts';
import { onChain } from '../errors/index.ts';
import type { Price } from '../math/engineTypes.ts';
import type { AnyClient } from './engine.ts';

/**
 * Whether margin may leave an account, by the rule that decides it.
 * @throws {TidemarkError}
 */
export async function previewWithdraw(
  client: AnyClient,
  { riskManager, account, assets, prices, blockNumber }: previewWithdraw.Parameters,
): Promise<previewWithdraw.ReturnType> {
  const call = {
    address: riskManager,
    abi: riskManagerAbi,
    functionName: 'previewWithdrawal',
    args: [account, assets, prices],
    blockNumber,
  } as const;
  const [equity, required, permitted] = await onChain(() => readContract(client, call));
  return { equity, required, permitted };
}

export declare namespace previewWithdraw {
  interface Parameters {
    /** Address of the RiskManager. */
    riskManager: Address;
    /** Account read. */
    account: Hex;
    /** USDC units, 6 decimals, not zero. */
    assets: bigint;
    /** One per market of {@link getWithdrawalMarkets}, ascending. */
    prices: readonly Price[];
    blockNumber?: bigint;
  }
  interface ReturnType {
    /** What would remain, each market at its worst supported price; USD, 18 decimals, signed. */
    equity: bigint;
    /** What has to remain, USD, 18 decimals. */
    required: bigint;
    /** Whether it would be permitted to the owner. */
    permitted: boolean;
  }
}
