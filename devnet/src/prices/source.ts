/** A price of one source at one second. */
export interface Quote {
  /** USD, 8 decimals. */
  readonly price: bigint;
  /** Half the confidence interval, USD, 8 decimals. */
  readonly confidence: bigint;
  /** Unix seconds of chain time. */
  readonly publishTime: number;
}

/** Where a devnet's prices come from. */
export interface PriceSource {
  readonly name: 'live' | 'replay' | 'model';
  /** Symbols with prices in the stretch, as 'ETH'. */
  readonly symbols: readonly string[];
  /** Chain time at which it begins, seconds. */
  readonly start: number;
  /** Chain time at which it ends, seconds; absent when it never does. */
  readonly end?: number;
  /** The price in force at a second; undefined where there is none. */
  quoteAt(symbol: string, time: number): Quote | undefined;
  /** Told the time of a chain that goes on, for sources that follow the world's clock. */
  resumeAt?(chainTime: number): void;
  close(): Promise<void>;
}

/**
 * Half the confidence interval on a quiet day, basis points. A guess, not an estimate: bars say nothing of it. Pyth's
 * published values lie about here.
 */
export const CONFIDENCE_BPS: Readonly<Record<string, number>> = { ETH: 6, BTC: 5, SOL: 8, LINK: 8 };
