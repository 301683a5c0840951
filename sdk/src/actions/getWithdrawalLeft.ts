import { type AnyClient, type ReadParameters, readEngine } from './engine.ts';

/**
 * What withdrawals of all accounts together may still take within the block's clock hour, USD, 18 decimals.
 * @throws {TidemarkError}
 */
export function getWithdrawalLeft(
  client: AnyClient,
  parameters: getWithdrawalLeft.Parameters,
): Promise<getWithdrawalLeft.ReturnType> {
  return readEngine(client, parameters, 'withdrawalLeft', []);
}

export declare namespace getWithdrawalLeft {
  type Parameters = ReadParameters;
  type ReturnType = bigint;
}
