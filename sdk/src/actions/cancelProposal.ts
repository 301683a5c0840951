import type { Hash } from 'viem';
import { type AnyClient, type GovernanceWriteParameters, writeGovernance } from './governance.ts';

/**
 * Takes a proposal back: its proposer before voting begins, the council within its term, anybody once the proposer's votes
 * have fallen below what it needed.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export function cancelProposal(
  client: AnyClient,
  { proposalId, ...tx }: cancelProposal.Parameters,
): Promise<cancelProposal.ReturnType> {
  return writeGovernance(client, tx, 'cancel', [proposalId]);
}

export declare namespace cancelProposal {
  interface Parameters extends GovernanceWriteParameters {
    proposalId: bigint;
  }
  type ReturnType = Hash;
}
