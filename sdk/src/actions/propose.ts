import type { Hash } from 'viem';
import type { ProposalAction } from '../governance/proposalTypes.ts';
import { type AnyClient, type GovernanceWriteParameters, writeGovernance } from './governance.ts';

/**
 * Makes a proposal, see `Proposals.draft`. What its actions amount to decides how many votes the sender needs and what it
 * has to pass. One at a time lives of each sender.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export function propose(
  client: AnyClient,
  { actions, description, ...tx }: propose.Parameters,
): Promise<propose.ReturnType> {
  const targets = actions.map(({ target }) => target);
  const values = actions.map(({ value }) => value);
  const calldatas = actions.map(({ data }) => data);
  return writeGovernance(client, tx, 'propose', [targets, values, calldatas, description]);
}

export declare namespace propose {
  interface Parameters extends GovernanceWriteParameters {
    /** At most 20. */
    actions: readonly ProposalAction[];
    /** Names the metadata, and the sender as who may propose it. */
    description: string;
  }
  type ReturnType = Hash;
}
