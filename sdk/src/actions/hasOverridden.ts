import type { Address } from 'viem';
import { type AnyClient, type ProposalParameters, readGovernance } from './governance.ts';

/**
 * Whether an account has voted with its own tokens in its delegate's place.
 * @throws {TidemarkError}
 */
export function hasOverridden(
  client: AnyClient,
  { proposalId, account, ...at }: hasOverridden.Parameters,
): Promise<hasOverridden.ReturnType> {
  return readGovernance(client, at, 'hasVotedOverride', [proposalId, account]);
}

export declare namespace hasOverridden {
  interface Parameters extends ProposalParameters {
    account: Address;
  }
  type ReturnType = boolean;
}
