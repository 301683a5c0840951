import { overrideTypedData } from './ballots.ts';
import { type AnyClient, readGovernance, signBallot, signerOf } from './governance.ts';
import type { signVote } from './signVote.ts';

/**
 * Signs a vote by the signer's own tokens that anybody can bring, see `castOverrideVoteBySig`. The nonce is that of
 * `signVote`.
 * @throws {TidemarkError}
 */
export async function signOverrideVote(
  client: AnyClient,
  { governor, proposalId, support, reason = '', ...signer }: signOverrideVote.Parameters,
): Promise<signOverrideVote.ReturnType> {
  const voter = signerOf(client, signer);
  const nonce = await readGovernance(client, { governor }, 'nonces', [voter]);
  const signature = await signBallot(client, signer, (chainId) =>
    overrideTypedData({ governor, chainId, proposalId, support, voter, nonce, reason }),
  );
  return { proposalId, support, voter, reason, signature };
}

export declare namespace signOverrideVote {
  interface Parameters extends signVote.Parameters {
    /** Shown in the event; none when absent. */
    reason?: string;
  }
  interface ReturnType extends signVote.ReturnType {
    reason: string;
  }
}
