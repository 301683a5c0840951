import type { Address } from 'viem';
import { type AnyClient, type ProposalParameters, readGovernance } from './governance.ts';

/**
 * Whether an account has voted with what is delegated to it. With its own tokens it may still vote, see `castOverrideVote`.
 * @throws {TidemarkError}
 */
export function hasVoted(
  client: AnyClient,
  { proposalId, account, ...at }: hasVoted.Parameters,
): Promise<hasVoted.ReturnType> {
  return readGovernance(client, at, 'hasVoted', [proposalId, account]);
}

export declare namespace hasVoted {
  interface Parameters extends ProposalParameters {
    account: Address;
  }
  type ReturnType = boolean;
}
