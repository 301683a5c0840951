import type { Address, Hash } from 'viem';
import { type AnyClient, type VaultWriteParameters, writeVault } from './vault.ts';

/**
 * Takes shares into keeping, to be redeemed by the first epochs after their cooldown, see `getCooldown`. The request's
 * number is the first epoch that may execute it, as its `RedeemRequest` says.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export function requestRedeem(
  client: AnyClient,
  { shares, controller, owner, ...tx }: requestRedeem.Parameters,
): Promise<requestRedeem.ReturnType> {
  return writeVault(client, tx, 'requestRedeem', [shares, controller, owner]);
}

export declare namespace requestRedeem {
  interface Parameters extends VaultWriteParameters {
    /** 18 decimals. */
    shares: bigint;
    /** Whose request it becomes. */
    controller: Address;
    /** Whose shares: the sender's, of who made the sender its operator, or of who allowed it so many. */
    owner: Address;
  }
  type ReturnType = Hash;
}
