import type { PriceSource, Quote } from './source.ts';

/** A symbol's law of motion. Volatilities are standard deviations of log returns. */
export interface ModelParameters {
  /** Price at the model's epoch, USD. */
  readonly price: number;
  /** Mean of the logarithm of a day's volatility per √day. */
  readonly logVolatility: number;
  /** Standard deviation of that logarithm between days: crash days are its tail. */
  readonly volatilitySpread: number;
  /** Jumps a day, at a day's median volatility. */
  readonly jumpsPerDay: number;
  /** Standard deviation of a jump, in units of the day's volatility. */
  readonly jumpSize: number;
  /** Confidence interval's half on a calm day, basis points. */
  readonly confidenceBps: number;
}

/** Fitted to real days, crash days included, by `devnet/scripts/calibrate.ts`; see docs/price-model.md. */
export const MODEL_PARAMETERS: Readonly<Record<string, ModelParameters>> = {
  ETH: { price: 3000, logVolatility: -3.2, volatilitySpread: 0.45, jumpsPerDay: 2, jumpSize: 0.15, confidenceBps: 4.5 },
  BTC: {
    price: 90_000,
    logVolatility: -3.5,
    volatilitySpread: 0.45,
    jumpsPerDay: 2,
    jumpSize: 0.15,
    confidenceBps: 3.5,
  },
  SOL: { price: 140, logVolatility: -2.9, volatilitySpread: 0.45, jumpsPerDay: 2, jumpSize: 0.15, confidenceBps: 5.5 },
};

const HOUR = 3600;
const DAY = 86_400;
/** 2026-01-01: the hours of every path are counted from here, so that a path is the same whenever it is asked for. */
const EPOCH = 1_767_225_600;
/** The long-run pull of log price to where it began, an hour: a devnet left alone for months stays readable. */
const REVERSION = 1e-4;

/** A hash of integers to 32 bits, well mixed. */
function hash(...parts: readonly number[]): number {
  let h = 0x9e3779b9;
  for (const part of parts) {
    h = Math.imul(h ^ (part | 0), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    h ^= h >>> 16;
  }
  return h >>> 0;
}

/** Uniforms and normals from a seed (xorshift, Box–Muller). */
class Noise {
  #state: number;
  constructor(seed: number) {
    this.#state = seed || 1;
  }
  uniform(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x >>> 0;
    return (this.#state + 0.5) / 2 ** 32;
  }
  normal(): number {
    return Math.sqrt(-2 * Math.log(this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }
}

/** One symbol's path: hourly anchors from the epoch on, seconds within an hour on demand. */
class Path {
  readonly #parameters: ModelParameters;
  readonly #seed: number;
  /** Log price, relative to the beginning, at the start of each hour. */
  readonly #anchors: number[] = [0];
  readonly #hours = new Map<number, Float64Array>();

  constructor(parameters: ModelParameters, seed: number) {
    this.#parameters = parameters;
    this.#seed = seed;
  }

  /** Volatility per √day of the day that holds an hour. */
  volatility(hour: number): number {
    const day = Math.floor(hour / 24);
    const noise = new Noise(hash(this.#seed, 1, day));
    noise.uniform();
    return Math.exp(this.#parameters.logVolatility + this.#parameters.volatilitySpread * noise.normal());
  }

  /** Log price relative to the beginning at each second of an hour; the last element is the next hour's first. */
  hour(index: number): Float64Array {
    const known = this.#hours.get(index);
    if (known) return known;
    while (this.#anchors.length <= index) {
      const last = this.#anchors.length - 1;
      this.#anchors.push(this.#simulate(last, this.#anchors[last] ?? 0).at(-1) ?? 0);
    }
    const path = this.#simulate(index, this.#anchors[index] ?? 0);
    if (this.#hours.size > 200) this.#hours.clear();
    this.#hours.set(index, path);
    return path;
  }

  #simulate(index: number, anchor: number): Float64Array {
    const noise = new Noise(hash(this.#seed, 2, index));
    for (let i = 0; i < 4; i++) noise.uniform();
    const volatility = this.volatility(index);
    const perSecond = volatility / Math.sqrt(DAY);
    const { jumpsPerDay, jumpSize, logVolatility } = this.#parameters;
    const jumpChance = (jumpsPerDay * (volatility / Math.exp(logVolatility))) / DAY;
    const path = new Float64Array(HOUR + 1);
    path[0] = anchor;
    const pull = (anchor * REVERSION) / HOUR;
    for (let second = 1; second <= HOUR; second++) {
      let step = perSecond * noise.normal() - pull;
      if (noise.uniform() < jumpChance) step += jumpSize * volatility * noise.normal();
      path[second] = (path[second - 1] ?? 0) + step;
    }
    return path;
  }
}

/**
 * Prices of a seeded jump-diffusion with a volatility of its own for each day. The same seed gives the same price for
 * the same second, whenever it is asked for.
 * @param start Chain time at which a new chain begins, seconds; not before 2026.
 */
export function modelSource(seed: number, start: number, symbols: readonly string[]): PriceSource {
  const paths = new Map<string, { path: Path; parameters: ModelParameters }>();
  for (const symbol of symbols) {
    const parameters = MODEL_PARAMETERS[symbol];
    if (!parameters) continue;
    const own = [...symbol].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), seed);
    paths.set(symbol, { parameters, path: new Path(parameters, hash(own)) });
  }
  // The anchors are laid from a few days before the start, not from the epoch: a minute's work otherwise.
  const origin = EPOCH + Math.floor((start - EPOCH) / (30 * DAY)) * 30 * DAY - 30 * DAY;
  return {
    name: 'model',
    symbols: [...paths.keys()],
    start,
    quoteAt(symbol, time): Quote | undefined {
      const known = paths.get(symbol);
      if (!known || time < origin) return undefined;
      const { path, parameters } = known;
      const hour = Math.floor((time - origin) / HOUR);
      const log = path.hour(hour)[Math.floor(time - origin) - hour * HOUR] ?? 0;
      const price = parameters.price * Math.exp(log);
      const widening = Math.min(4, Math.max(0.7, path.volatility(hour) / Math.exp(parameters.logVolatility)));
      const confidence = (price * parameters.confidenceBps * widening) / 1e4;
      return {
        price: BigInt(Math.round(price * 1e8)),
        confidence: BigInt(Math.round(confidence * 1e8)),
        publishTime: Math.floor(time),
      };
    },
    close: async () => {},
  };
}
