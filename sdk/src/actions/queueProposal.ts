import type { Hash } from 'viem';
import { type AnyClient, type GovernanceWriteParameters, writeGovernance } from './governance.ts';

/**
 * Sends what has passed into the timelock, within 14 days of voting's end. Anybody may; refused when the code that it acts on
 * has changed.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export function queueProposal(
  client: AnyClient,
  { proposalId, ...tx }: queueProposal.Parameters,
): Promise<queueProposal.ReturnType> {
  return writeGovernance(client, tx, 'queue', [proposalId]);
}

export declare namespace queueProposal {
  interface Parameters extends GovernanceWriteParameters {
    proposalId: bigint;
  }
  type ReturnType = Hash;
}
