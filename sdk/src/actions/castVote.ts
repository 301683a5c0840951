import type { Hash } from 'viem';
import type { Support } from '../governance/proposalTypes.ts';
import { type AnyClient, type GovernanceWriteParameters, writeGovernance } from './governance.ts';

/**
 * Votes with what is delegated to the sender; what its delegators vote themselves is taken off. A vote cannot be changed.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export function castVote(
  client: AnyClient,
  { proposalId, support, reason, ...tx }: castVote.Parameters,
): Promise<castVote.ReturnType> {
  if (reason === undefined) return writeGovernance(client, tx, 'castVote', [proposalId, support]);
  return writeGovernance(client, tx, 'castVoteWithReason', [proposalId, support, reason]);
}

export declare namespace castVote {
  interface Parameters extends GovernanceWriteParameters {
    proposalId: bigint;
    support: Support;
    /** Shown in the event; none when absent. */
    reason?: string;
  }
  type ReturnType = Hash;
}
