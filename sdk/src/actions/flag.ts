import type { Hash, Hex } from 'viem';
import { type AnyClient, type PricedParameters, writeEngine } from './engine.ts';

/**
 * Notes that one source alone finds an account below maintenance: from 60 to 600 s later it may be liquidated by such a
 * price. Anybody may, unless an earlier flag still counts.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export function flag(client: AnyClient, { account, update, ...tx }: flag.Parameters): Promise<flag.ReturnType> {
  return writeEngine(client, tx, 'flag', [account, update]);
}

export declare namespace flag {
  interface Parameters extends PricedParameters {
    /** Account flagged. */
    account: Hex;
  }
  type ReturnType = Hash;
}
