import type { MarketParameters } from '../governance/marketChanges.ts';
import { widen } from '../math/engineTypes.ts';
import { type AnyClient, type ReadParameters, readEngine } from './engine.ts';

/**
 * What is in force in a market and what is on its way: what a proposal to change its parameters begins from.
 * @throws {TidemarkError}
 */
export async function getMarketParameters(
  client: AnyClient,
  { market, ...at }: getMarketParameters.Parameters,
): Promise<MarketParameters> {
  const [config, queue, { from, to, ...rest }] = await Promise.all([
    readEngine(client, at, 'getMarketConfig', [market]),
    readEngine(client, at, 'getQueue', [market]),
    readEngine(client, at, 'getSchedule', [market]),
  ]);
  const schedule = { ...widen(rest), from: widen(from), to: widen(to) };
  return { market, inForce: widen(config), keeperFeeCents: BigInt(queue.keeperFeeCents), schedule };
}

export declare namespace getMarketParameters {
  interface Parameters extends ReadParameters {
    /** Its id. */
    market: bigint;
  }
  type ReturnType = MarketParameters;
}
