import type { PriceSource } from '../prices/source.ts';

/** From an observation of Chainlink's to the block that its round is in, seconds. */
export const CHAINLINK_LATENCY = 10;

/** When a Chainlink feed writes. */
export interface ChainlinkSettings {
  /** Deviation that triggers a round, parts per million. */
  readonly thresholdPpm: number;
  /** Longest time between rounds, seconds. */
  readonly heartbeat: number;
  /** From observation to the round on the chain, seconds. */
  readonly latency: number;
}

/** A round: USD, 8 decimals, and Unix seconds. */
export interface Round {
  readonly answer: bigint;
  readonly updatedAt: number;
}

/**
 * The round a Chainlink feed would write now, if any: what was observed `latency` ago has moved by the threshold, or the
 * heartbeat has passed.
 * @param last The newest round on the chain.
 * @param now Chain time, seconds.
 */
export function nextRound(
  last: Round,
  source: Pick<PriceSource, 'quoteAt'>,
  symbol: string,
  now: number,
  settings: ChainlinkSettings,
): Round | undefined {
  const observed = source.quoteAt(symbol, now - settings.latency);
  if (!observed || now <= last.updatedAt) return undefined;
  const moved = observed.price > last.answer ? observed.price - last.answer : last.answer - observed.price;
  const size = last.answer < 0n ? -last.answer : last.answer;
  const deviates = moved > 0n && moved * 1_000_000n >= size * BigInt(settings.thresholdPpm);
  return deviates || now - last.updatedAt >= settings.heartbeat
    ? { answer: observed.price, updatedAt: now }
    : undefined;
}
