import type { Address, Hash, Hex } from 'viem';
import { type AnyClient, type PricedParameters, writeEngine } from './engine.ts';

/**
 * Takes realised margin out; never unrealised profit. Refused while orders of the account are pending.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export function withdraw(
  client: AnyClient,
  { account, assets, to, update, ...tx }: withdraw.Parameters,
): Promise<withdraw.ReturnType> {
  return writeEngine(client, tx, 'withdraw', [account, assets, to, update]);
}

export declare namespace withdraw {
  interface Parameters extends PricedParameters {
    /** Account of the sender's. */
    account: Hex;
    /** USDC units, 6 decimals. */
    assets: bigint;
    /** Receives the USDC. */
    to: Address;
  }
  type ReturnType = Hash;
}
