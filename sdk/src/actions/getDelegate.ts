import type { Address } from 'viem';
import { type AnyClient, readToken, type TokenReadParameters } from './governance.ts';

/**
 * Who votes with an account's tokens; the zero address while nobody does.
 * @throws {TidemarkError}
 */
export function getDelegate(
  client: AnyClient,
  { account, ...at }: getDelegate.Parameters,
): Promise<getDelegate.ReturnType> {
  return readToken(client, at, 'delegates', [account]);
}

export declare namespace getDelegate {
  interface Parameters extends TokenReadParameters {
    account: Address;
  }
  type ReturnType = Address;
}
