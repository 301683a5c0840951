import type { ContractFunctionReturnType, Hex } from 'viem';
import type { derivativesEngineAbi } from '../abi/index.ts';
import { type AnyClient, type ReadParameters, readEngine } from './engine.ts';

/**
 * An account's position in a market: size (12 decimals, + long) and cash (USD, 30 decimals).
 * @throws {TidemarkError}
 */
export function getPosition(
  client: AnyClient,
  { account, market, ...at }: getPosition.Parameters,
): Promise<getPosition.ReturnType> {
  return readEngine(client, at, 'getPosition', [account, market]);
}

export declare namespace getPosition {
  interface Parameters extends ReadParameters {
    /** Account read. */
    account: Hex;
    /** Its id. */
    market: bigint;
  }
  type ReturnType = ContractFunctionReturnType<typeof derivativesEngineAbi, 'view', 'getPosition'>;
}
