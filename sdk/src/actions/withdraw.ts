import type { Address, Hash, Hex } from 'viem';
import { type AnyClient, writeEngine } from './engine.ts';
import { bringPrices, type LeavingParameters } from './leaving.ts';

/**
 * Takes realised margin out; never unrealised profit. Given a price service it brings the prices of every market that the
 * account's positions, or profits made at doubtful prices, bind it to. Refused while orders of the account are pending.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export async function withdraw(
  client: AnyClient,
  { account, assets, to, ...given }: withdraw.Parameters,
): Promise<withdraw.ReturnType> {
  const { update, ...tx } = await bringPrices(client, account, given);
  return writeEngine(client, tx, 'withdraw', [account, assets, to, update]);
}

export declare namespace withdraw {
  type Parameters = LeavingParameters & {
    /** Account of the sender's. */
    account: Hex;
    /** USDC units, 6 decimals. */
    assets: bigint;
    /** Receives the USDC. */
    to: Address;
  };
  type ReturnType = Hash;
}
