import type { Hash, Hex } from 'viem';
import { type AnyClient, type PricedParameters, writeEngine } from './engine.ts';

/**
 * Moves realised margin to another account of the same owner, under the rule of a withdrawal: an isolated position is this
 * and a commit. Refused while orders of one of them are pending.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export function moveMargin(
  client: AnyClient,
  { source, target, assets, update, ...tx }: moveMargin.Parameters,
): Promise<moveMargin.ReturnType> {
  return writeEngine(client, tx, 'moveMargin', [source, target, assets, update]);
}

export declare namespace moveMargin {
  interface Parameters extends PricedParameters {
    /** Account of the sender's that gives; the prices are of its markets. */
    source: Hex;
    /** Account of the sender's that takes. */
    target: Hex;
    /** USDC units, 6 decimals. */
    assets: bigint;
  }
  type ReturnType = Hash;
}
