import type { Address } from 'viem';
import { type AnyClient, readToken, type TokenReadParameters } from './governance.ts';

/**
 * Votes that are delegated to an account, its own included; 18 decimals.
 * @throws {TidemarkError}
 */
export function getVotingPower(
  client: AnyClient,
  { account, time, ...at }: getVotingPower.Parameters,
): Promise<getVotingPower.ReturnType> {
  if (time === undefined) return readToken(client, at, 'getVotes', [account]);
  return readToken(client, at, 'getPastVotes', [account, time]);
}

export declare namespace getVotingPower {
  interface Parameters extends TokenReadParameters {
    account: Address;
    /** Seconds, in the past; now when absent. */
    time?: bigint;
  }
  type ReturnType = bigint;
}
