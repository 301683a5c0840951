import type { Hash } from 'viem';
import type { Support } from '../governance/proposalTypes.ts';
import { type AnyClient, type GovernanceWriteParameters, writeGovernance } from './governance.ts';

/**
 * Votes with the sender's own tokens, as they were when voting began, in the place of its delegate: they are taken off the
 * delegate's vote, cast or not.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export function castOverrideVote(
  client: AnyClient,
  { proposalId, support, reason = '', ...tx }: castOverrideVote.Parameters,
): Promise<castOverrideVote.ReturnType> {
  return writeGovernance(client, tx, 'castOverrideVote', [proposalId, support, reason]);
}

export declare namespace castOverrideVote {
  interface Parameters extends GovernanceWriteParameters {
    proposalId: bigint;
    support: Support;
    /** Shown in the event; none when absent. */
    reason?: string;
  }
  type ReturnType = Hash;
}
