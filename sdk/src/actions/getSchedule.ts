import type { ContractFunctionReturnType } from 'viem';
import type { derivativesEngineAbi } from '../abi/index.ts';
import { type AnyClient, type ReadParameters, readEngine } from './engine.ts';

/**
 * A change of a market's parameters on its way; `endsAt` 0: none. In force is what `getMarketConfig` gives, due at a time
 * what `ParameterRamp.dueAt` makes of this.
 * @throws {TidemarkError}
 */
export function getSchedule(
  client: AnyClient,
  { market, ...at }: getSchedule.Parameters,
): Promise<getSchedule.ReturnType> {
  return readEngine(client, at, 'getSchedule', [market]);
}

export declare namespace getSchedule {
  interface Parameters extends ReadParameters {
    /** Its id. */
    market: bigint;
  }
  type ReturnType = ContractFunctionReturnType<typeof derivativesEngineAbi, 'view', 'getSchedule'>;
}
