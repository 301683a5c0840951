import type { Address, Hash } from 'viem';
import type { Delegation } from '../math/engineTypes.ts';
import { type AnyClient, type WriteParameters, writeEngine } from './engine.ts';

/**
 * Lets a delegate, such as a session key, trade for all accounts of the sender, or ends that by an expiry of zero. It can
 * never take margin out. What it has spent today counts on.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export function setDelegate(
  client: AnyClient,
  { delegate, expiry, markets, permissions, dailyLimit, ...tx }: setDelegate.Parameters,
): Promise<setDelegate.ReturnType> {
  const delegation = {
    expiry: Number(expiry),
    markets,
    permissions: Number(permissions),
    dailyLimit: Number(dailyLimit),
    spent: 0,
    day: 0,
  };
  return writeEngine(client, tx, 'setDelegate', [delegate, delegation]);
}

export declare namespace setDelegate {
  interface Parameters extends WriteParameters, Pick<Delegation, 'expiry' | 'markets' | 'permissions' | 'dailyLimit'> {
    delegate: Address;
  }
  type ReturnType = Hash;
}
