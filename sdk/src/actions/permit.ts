import type { Hash } from 'viem';
import { type AnyClient, type WriteParameters, writeEngine } from './engine.ts';
import type { signPermit } from './signPermit.ts';

/**
 * Uses the sender's EIP-2612 permit for the engine, see `signPermit`; mostly before a deposit, by `multicall`. One that
 * fails is passed over: what counts is the allowance at the deposit.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export function permit(
  client: AnyClient,
  { assets, deadline, v, r, s, ...tx }: permit.Parameters,
): Promise<permit.ReturnType> {
  return writeEngine(client, tx, 'permit', [assets, deadline, v, r, s]);
}

export declare namespace permit {
  interface Parameters extends WriteParameters, signPermit.ReturnType {}
  type ReturnType = Hash;
}
