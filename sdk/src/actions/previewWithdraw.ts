import type { Address, Hex } from 'viem';
import { readContract } from 'viem/actions';
import { riskManagerAbi } from '../abi/index.ts';
import { onChain } from '../errors/index.ts';
import type { Price } from '../math/engineTypes.ts';
import { ASSET_SCALE } from '../math/fixedPoint.ts';
import type { AnyClient } from './engine.ts';
import { getWithdrawalLeft } from './getWithdrawalLeft.ts';

/**
 * Whether margin may leave an account and the exchange, by the rules that decide it.
 * @throws {TidemarkError}
 */
export async function previewWithdraw(
  client: AnyClient,
  { engine, ...parameters }: previewWithdraw.Parameters,
): Promise<previewWithdraw.ReturnType> {
  const { assets, blockNumber } = parameters;
  const at = blockNumber === undefined ? { engine } : { engine, blockNumber };
  const [preview, left] = await Promise.all([previewLeaving(client, parameters), getWithdrawalLeft(client, at)]);
  return { ...preview, left, permitted: preview.permitted && assets * ASSET_SCALE <= left };
}

/** Whether margin may leave an account, to wherever its owner sends it. */
export async function previewLeaving(
  client: AnyClient,
  { riskManager, account, assets, prices, blockNumber }: previewLeaving.Parameters,
): Promise<previewLeaving.ReturnType> {
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

export declare namespace previewLeaving {
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

export declare namespace previewWithdraw {
  interface Parameters extends previewLeaving.Parameters {
    /** The engine's address: its proxy. */
    engine: Address;
  }
  interface ReturnType extends previewLeaving.ReturnType {
    /** What withdrawals of all accounts may still take within the clock hour, USD, 18 decimals. */
    left: bigint;
  }
}
