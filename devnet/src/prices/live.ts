import type { PriceSource, Quote } from './source.ts';

/** A public venue that tells a price without a key. */
export interface Venue {
  readonly name: string;
  /** Address of a symbol's ticker. */
  url(symbol: string): string;
  /** Its last price, USD; undefined when the payload is not as documented. */
  read(payload: unknown): number | undefined;
}

const field = (value: unknown, name: string): unknown => (value as Record<string, unknown> | null | undefined)?.[name];

/** Coinbase Exchange's product ticker. Source: https://docs.cdp.coinbase.com/exchange/reference */
export const coinbase = (base = 'https://api.exchange.coinbase.com'): Venue => ({
  name: 'Coinbase',
  url: (symbol) => `${base}/products/${symbol}-USD/ticker`,
  read: (payload) => positive(field(payload, 'price')),
});

/** Kraken's ticker; the pair's name in the answer is Kraken's own. Source: https://docs.kraken.com/api */
export const kraken = (base = 'https://api.kraken.com'): Venue => ({
  name: 'Kraken',
  url: (symbol) => `${base}/0/public/Ticker?pair=${symbol}USD`,
  read: (payload) => {
    const errors = field(payload, 'error');
    if (Array.isArray(errors) && errors.length > 0) return undefined;
    const [pair] = Object.values((field(payload, 'result') as object | undefined) ?? {});
    const last = field(pair, 'c');
    return Array.isArray(last) ? positive(last[0]) : undefined;
  },
});

function positive(value: unknown): number | undefined {
  const number = typeof value === 'string' || typeof value === 'number' ? Number(value) : Number.NaN;
  return Number.isFinite(number) && number > 0 ? number : undefined;
}

/** How live prices are gathered. */
export interface LiveOptions {
  readonly venues: readonly Venue[];
  readonly symbols: readonly string[];
  /** Wall-clock time, seconds. */
  readonly clock: () => number;
  /** Milliseconds a venue may take. */
  readonly timeoutMs: number;
}

/** A price older than this is none, seconds. */
const MAX_AGE = 10;
/** Venues further apart than this agree on nothing, parts. */
const MAX_SPREAD = 0.01;
/** Least confidence, parts: half of 6 bp. */
const MIN_CONFIDENCE = 0.0003;
/** Seconds of history kept. */
const KEPT = 3 * 86_400;

/** Prices of public venues: the mean of those that answer, if they agree. */
export class LiveSource implements PriceSource {
  readonly name = 'live' as const;
  #start = 0;
  readonly #options: LiveOptions;
  readonly #seen = new Map<string, Map<number, { price: number; confidence: number }>>();
  #offset = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: LiveOptions) {
    this.#options = options;
    for (const symbol of options.symbols) this.#seen.set(symbol, new Map());
  }

  /** Second of the first price. */
  get start(): number {
    return this.#start;
  }

  /** Symbols of which a price has been seen. */
  get symbols(): readonly string[] {
    return this.#options.symbols.filter((symbol) => (this.#seen.get(symbol)?.size ?? 0) > 0);
  }

  /** Asks every venue once. What it learns is in force from the next second on, so that no second's price changes. */
  async poll(): Promise<void> {
    const { symbols, venues, clock, timeoutMs } = this.#options;
    await Promise.all(
      symbols.map(async (symbol) => {
        const answers = await Promise.all(venues.map((venue) => ask(venue, symbol, timeoutMs)));
        const prices = answers.filter((price) => price !== undefined);
        const seen = this.#seen.get(symbol);
        if (prices.length === 0 || !seen) return;
        const [low, high] = [Math.min(...prices), Math.max(...prices)];
        if (high - low > low * MAX_SPREAD) return;
        const price = (low + high) / 2;
        const second = Math.floor(clock()) + 1;
        if (seen.has(second)) return;
        seen.set(second, { price, confidence: Math.max((high - low) / 2, price * MIN_CONFIDENCE) });
        seen.delete(second - KEPT);
        this.#start ||= second;
      }),
    );
  }

  /** Goes on asking, each second. */
  begin(): void {
    this.#timer ??= setInterval(() => void this.poll(), 1000);
  }

  resumeAt(chainTime: number): void {
    this.#offset = Math.floor(this.#options.clock()) - chainTime;
  }

  quoteAt(symbol: string, time: number): Quote | undefined {
    const seen = this.#seen.get(symbol);
    const second = Math.floor(time);
    for (let age = 0; seen && age <= MAX_AGE; age++) {
      const known = seen.get(second + this.#offset - age);
      if (!known) continue;
      return {
        price: BigInt(Math.round(known.price * 1e8)),
        confidence: BigInt(Math.round(known.confidence * 1e8)),
        publishTime: second,
      };
    }
    return undefined;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
  }
}

async function ask(venue: Venue, symbol: string, timeoutMs: number): Promise<number | undefined> {
  try {
    const answer = await fetch(venue.url(symbol), { signal: AbortSignal.timeout(timeoutMs) });
    return answer.ok ? venue.read(await answer.json()) : undefined;
  } catch {
    // Late, unreachable, or not JSON: this venue has no price this time.
    return undefined;
  }
}
