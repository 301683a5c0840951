import type { Hash, Hex } from 'viem';
import { type AnyClient, type PricedParameters, writeEngine } from './engine.ts';

/**
 * Closes every position of an account below maintenance at the prices that favour it. The sender earns the reward.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export function liquidate(
  client: AnyClient,
  { account, update, ...tx }: liquidate.Parameters,
): Promise<liquidate.ReturnType> {
  return writeEngine(client, tx, 'liquidate', [account, update]);
}

export declare namespace liquidate {
  interface Parameters extends PricedParameters {
    /** Account liquidated. */
    account: Hex;
  }
  type ReturnType = Hash;
}
