import type { Hash } from 'viem';
import { type AnyClient, type GovernanceWriteParameters, writeGovernance } from './governance.ts';
import type { signOverrideVote } from './signOverrideVote.ts';

/**
 * Brings a vote by the signer's own tokens, see `signOverrideVote`. Anybody may.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export function castOverrideVoteBySig(
  client: AnyClient,
  { proposalId, support, voter, reason, signature, ...tx }: castOverrideVoteBySig.Parameters,
): Promise<castOverrideVoteBySig.ReturnType> {
  return writeGovernance(client, tx, 'castOverrideVoteBySig', [proposalId, support, voter, reason, signature]);
}

export declare namespace castOverrideVoteBySig {
  interface Parameters extends GovernanceWriteParameters, signOverrideVote.ReturnType {}
  type ReturnType = Hash;
}
