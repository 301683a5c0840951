import { MARKETS } from '@tidemark/deploy';
import type { MarketConfig } from '../sdk/src/math/index.ts';
import type { FeedRules } from './oracleModel.ts';

/** A market as it is deployed: what its oracle and its engine go by. */
export interface MarketRules {
  readonly feed: FeedRules;
  readonly config: MarketConfig;
  /** When Chainlink writes: parts per million, seconds. */
  readonly chainlink: { readonly thresholdPpm: number; readonly heartbeat: number };
}

/** 8 decimals to 18. */
const SCALE = 10n ** 10n;

/** @throws {Error} When no network knows the market. */
export function marketOf(symbol: string): MarketRules {
  const known = MARKETS[symbol];
  if (!known) throw new Error(`No network knows ${symbol}.`);
  const { thresholdPpm, heartbeat, haltPpm, strainConfidencePpm, floor, ceiling, parameters } = known;
  const config = Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, BigInt(value)]));
  return {
    feed: {
      thresholdPpm: BigInt(thresholdPpm),
      heartbeat: BigInt(heartbeat),
      haltPpm: BigInt(haltPpm),
      strainConfidencePpm: BigInt(strainConfidencePpm),
      floor: floor * SCALE,
      ceiling: ceiling * SCALE,
    },
    config: config as unknown as MarketConfig,
    chainlink: { thresholdPpm, heartbeat },
  };
}
