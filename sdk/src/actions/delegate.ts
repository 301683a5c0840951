import type { Address, Hash } from 'viem';
import { type AnyClient, type TokenWriteParameters, writeToken } from './governance.ts';

/**
 * Has somebody vote with the sender's tokens, all of them, from now on: proposals whose voting has begun are not touched.
 * Tokens vote only when they are delegated, be it to their own holder.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export function delegate(client: AnyClient, { delegatee, ...tx }: delegate.Parameters): Promise<delegate.ReturnType> {
  return writeToken(client, tx, 'delegate', [delegatee]);
}

export declare namespace delegate {
  interface Parameters extends TokenWriteParameters {
    /** Who votes; the sender, to vote itself. */
    delegatee: Address;
  }
  type ReturnType = Hash;
}
