import type { Address } from 'viem';
import type { Support } from '../governance/proposalTypes.ts';
import { ballotTypedData } from './ballots.ts';
import {
  type AnyClient,
  type BallotSigner,
  type GovernanceParameters,
  readGovernance,
  signBallot,
  signerOf,
} from './governance.ts';

/**
 * Signs a vote that anybody can bring, see `castVoteBySig`. The signer's nonce is read from the governor: whatever else was
 * signed with it counts no more once this has been brought.
 * @throws {TidemarkError}
 */
export async function signVote(
  client: AnyClient,
  { governor, proposalId, support, ...signer }: signVote.Parameters,
): Promise<signVote.ReturnType> {
  const voter = signerOf(client, signer);
  const nonce = await readGovernance(client, { governor }, 'nonces', [voter]);
  const signature = await signBallot(client, signer, (chainId) =>
    ballotTypedData({ governor, chainId, proposalId, support, voter, nonce }),
  );
  return { proposalId, support, voter, signature };
}

export declare namespace signVote {
  interface Parameters extends GovernanceParameters, BallotSigner {
    proposalId: bigint;
    support: Support;
  }
  interface ReturnType {
    proposalId: bigint;
    support: Support;
    voter: Address;
    signature: `0x${string}`;
  }
}
