import type { Hash } from 'viem';
import { type AnyClient, type TokenWriteParameters, writeToken } from './governance.ts';
import type { signDelegation } from './signDelegation.ts';

/**
 * Brings a delegation that was signed, see `signDelegation`. Anybody may.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export function delegateBySig(
  client: AnyClient,
  { delegatee, tokenNonce, expiry, v, r, s, ...tx }: delegateBySig.Parameters,
): Promise<delegateBySig.ReturnType> {
  return writeToken(client, tx, 'delegateBySig', [delegatee, tokenNonce, expiry, v, r, s]);
}

export declare namespace delegateBySig {
  interface Parameters extends TokenWriteParameters, signDelegation.ReturnType {}
  type ReturnType = Hash;
}
