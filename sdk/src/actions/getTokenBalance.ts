import type { Address } from 'viem';
import { type AnyClient, readToken, type TokenReadParameters } from './governance.ts';

/**
 * Governance tokens of an account, whoever votes with them; 18 decimals.
 * @throws {TidemarkError}
 */
export function getTokenBalance(
  client: AnyClient,
  { account, ...at }: getTokenBalance.Parameters,
): Promise<getTokenBalance.ReturnType> {
  return readToken(client, at, 'balanceOf', [account]);
}

export declare namespace getTokenBalance {
  interface Parameters extends TokenReadParameters {
    account: Address;
  }
  type ReturnType = bigint;
}
