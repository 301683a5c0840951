import type { Hash } from 'viem';
import { type AnyClient, type GovernanceWriteParameters, writeGovernance } from './governance.ts';
import type { signVote } from './signVote.ts';

/**
 * Brings a vote that was signed, see `signVote`. Anybody may.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export function castVoteBySig(
  client: AnyClient,
  { proposalId, support, voter, signature, ...tx }: castVoteBySig.Parameters,
): Promise<castVoteBySig.ReturnType> {
  return writeGovernance(client, tx, 'castVoteBySig', [proposalId, support, voter, signature]);
}

export declare namespace castVoteBySig {
  interface Parameters extends GovernanceWriteParameters, signVote.ReturnType {}
  type ReturnType = Hash;
}
