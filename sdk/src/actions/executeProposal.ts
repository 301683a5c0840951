import type { Hash } from 'viem';
import { type AnyClient, type GovernanceWriteParameters, writeGovernance } from './governance.ts';

/**
 * Executes what the timelock has held for long enough, within 14 days. Anybody may; refused when the code that it acts on or
 * what it changes is not what it was when it was proposed, see `checkProposal`.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export function executeProposal(
  client: AnyClient,
  { proposalId, ...tx }: executeProposal.Parameters,
): Promise<executeProposal.ReturnType> {
  return writeGovernance(client, tx, 'execute', [proposalId]);
}

export declare namespace executeProposal {
  interface Parameters extends GovernanceWriteParameters {
    proposalId: bigint;
    /** Wei that its actions send; none when absent. */
    value?: bigint;
  }
  type ReturnType = Hash;
}
