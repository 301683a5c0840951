import type { ContractFunctionReturnType, Hex } from 'viem';
import type { derivativesEngineAbi } from '../abi/index.ts';
import { type AnyClient, type ReadParameters, readEngine } from './engine.ts';

/**
 * An account: realised margin (USD, 18 decimals), bitmap of its markets, pending orders.
 * @throws {TidemarkError}
 */
export function getAccount(
  client: AnyClient,
  { account, ...at }: getAccount.Parameters,
): Promise<getAccount.ReturnType> {
  return readEngine(client, at, 'getAccount', [account]);
}

export declare namespace getAccount {
  interface Parameters extends ReadParameters {
    /** Account read. */
    account: Hex;
  }
  type ReturnType = ContractFunctionReturnType<typeof derivativesEngineAbi, 'view', 'getAccount'>;
}
