import type { Address, Hex } from 'viem';
import { ownerOf } from '../accounts.ts';
import type { Price } from '../math/engineTypes.ts';
import { ASSET_SCALE } from '../math/fixedPoint.ts';
import type { AnyClient } from './engine.ts';
import { getAccount } from './getAccount.ts';
import { previewLeaving } from './previewWithdraw.ts';

/**
 * Whether margin may move to another account, by the rule that decides it.
 * @throws {TidemarkError}
 */
export async function previewMoveMargin(
  client: AnyClient,
  { engine, riskManager, source, target, assets, prices, blockNumber }: previewMoveMargin.Parameters,
): Promise<previewMoveMargin.ReturnType> {
  const at = blockNumber === undefined ? {} : { blockNumber };
  const [left, { margin }] = await Promise.all([
    previewLeaving(client, { riskManager, account: source, assets, prices, ...at }),
    getAccount(client, { engine, account: target, ...at }),
  ]);
  const apart = source.toLowerCase() !== target.toLowerCase();
  const permitted = left.permitted && apart && ownerOf(source) === ownerOf(target);
  return { ...left, permitted, targetMargin: margin + assets * ASSET_SCALE };
}

export declare namespace previewMoveMargin {
  interface Parameters {
    /** The engine's address: its proxy. */
    engine: Address;
    /** Address of the RiskManager. */
    riskManager: Address;
    /** Account that gives. */
    source: Hex;
    /** Account that takes. */
    target: Hex;
    /** USDC units, 6 decimals, not zero. */
    assets: bigint;
    /** One per market of {@link getWithdrawalMarkets} of `source`, ascending. */
    prices: readonly Price[];
    blockNumber?: bigint;
  }
  interface ReturnType extends previewLeaving.ReturnType {
    /** What `target` would hold, USD, 18 decimals. */
    targetMargin: bigint;
  }
}
