import type { ContractFunctionArgs, Hash } from 'viem';
import type { derivativesEngineAbi } from '../abi/index.ts';
import { type AnyClient, type WriteParameters, writeEngine } from './engine.ts';

/**
 * Puts a change of a market's parameters on its way. Needs CONFIGURATOR_ROLE.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export function scheduleParameters(
  client: AnyClient,
  { market, config, keeperFeeCents, duration, ...tx }: scheduleParameters.Parameters,
): Promise<scheduleParameters.ReturnType> {
  return writeEngine(client, tx, 'scheduleParameters', [market, config, keeperFeeCents, duration]);
}

export declare namespace scheduleParameters {
  interface Parameters extends WriteParameters {
    /** Its id. */
    market: bigint;
    /** Within the hard bounds, without flags. */
    config: ContractFunctionArgs<typeof derivativesEngineAbi, 'nonpayable', 'scheduleParameters'>[1];
    /** US cents. */
    keeperFeeCents: number;
    /** Seconds: a day to a year, and as long as S needs at 5 % a day. */
    duration: bigint;
  }
  type ReturnType = Hash;
}
