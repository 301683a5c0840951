import { type Address, parseSignature } from 'viem';
import { delegationTypedData } from './ballots.ts';
import {
  type AnyClient,
  type BallotSigner,
  readToken,
  signBallot,
  signerOf,
  type TokenParameters,
} from './governance.ts';

/**
 * Signs a delegation that anybody can bring, see `delegateBySig`. The signer's nonce is read from the token, and permits of
 * the token use up the same: of several that are signed with one nonce only the first to arrive counts.
 * @throws {TidemarkError}
 */
export async function signDelegation(
  client: AnyClient,
  { token, delegatee, expiry, ...signer }: signDelegation.Parameters,
): Promise<signDelegation.ReturnType> {
  const tokenNonce = await readToken(client, { token }, 'nonces', [signerOf(client, signer)]);
  const signature = await signBallot(client, signer, (chainId) =>
    delegationTypedData({ token, chainId, delegatee, nonce: tokenNonce, expiry }),
  );
  const { r, s, yParity } = parseSignature(signature);
  return { delegatee, tokenNonce, expiry, v: 27 + yParity, r, s };
}

export declare namespace signDelegation {
  interface Parameters extends TokenParameters, BallotSigner {
    /** Who votes. */
    delegatee: Address;
    /** Seconds; the last at which it counts. */
    expiry: bigint;
  }
  interface ReturnType {
    delegatee: Address;
    tokenNonce: bigint;
    expiry: bigint;
    v: number;
    r: `0x${string}`;
    s: `0x${string}`;
  }
}
