import type { ContractFunctionReturnType } from 'viem';
import type { derivativesEngineAbi } from '../abi/index.ts';
import { type AnyClient, type ReadParameters, readEngine } from './engine.ts';

/**
 * What a market is worth to orders that were committed elsewhere in a second, by accounts with a position in it: index and
 * funding, USD per base unit, 18 decimals, and the age of the index then. Set when its `committedAt` is that second, which it
 * stays for 64 s.
 * @throws {TidemarkError}
 */
export function getPin(
  client: AnyClient,
  { market, committedAt, ...at }: getPin.Parameters,
): Promise<getPin.ReturnType> {
  return readEngine(client, at, 'getPin', [market, committedAt]);
}

export declare namespace getPin {
  interface Parameters extends ReadParameters {
    /** Its id. */
    market: bigint;
    /** Seconds. */
    committedAt: bigint;
  }
  type ReturnType = ContractFunctionReturnType<typeof derivativesEngineAbi, 'view', 'getPin'>;
}
