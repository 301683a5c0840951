import type { Hash, Hex } from 'viem';
import { type AnyClient, writeEngine } from './engine.ts';
import { bringPrices, type LeavingParameters } from './leaving.ts';

/**
 * Moves realised margin to another account of the same owner, under the rule of a withdrawal and with the same prices: an
 * isolated position is this and a commit. Refused while orders of one of them are pending.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export async function moveMargin(
  client: AnyClient,
  { source, target, assets, ...given }: moveMargin.Parameters,
): Promise<moveMargin.ReturnType> {
  const { update, ...tx } = await bringPrices(client, source, given);
  return writeEngine(client, tx, 'moveMargin', [source, target, assets, update]);
}

export declare namespace moveMargin {
  type Parameters = LeavingParameters & {
    /** Account of the sender's that gives; the prices are of its markets. */
    source: Hex;
    /** Account of the sender's that takes. */
    target: Hex;
    /** USDC units, 6 decimals. */
    assets: bigint;
  };
  type ReturnType = Hash;
}
