import { generator, hash, normal, poisson } from '../random.ts';
import calibrated from './calibrated.json' with { type: 'json' };
import { CONFIDENCE_BPS, type PriceSource, type Quote } from './source.ts';

/** A symbol's law of motion, as docs/price-model.md has it. Volatilities are standard deviations of log returns. */
export interface Law {
  /** Mean of the logarithm of a day's volatility per √day. */
  readonly logVolatility: number;
  /** Standard deviation of that logarithm: crash days are its tail. */
  readonly volatilitySpread: number;
  /** Correlation of that logarithm from one day to the next. */
  readonly volatilityPersistence: number;
  /** Standard deviation of the logarithm of an hour's volatility within its day. */
  readonly hourSpread: number;
  /** Mean number of jumps. */
  readonly jumpsPerDay: number;
  /** Standard deviation of a jump, in units of the hour's volatility per √minute. */
  readonly jumpSize: number;
}

/** Estimated from real minutes by `npm run calibrate`. */
export const CALIBRATED: Readonly<Record<string, Law>> = calibrated;

/** Prices that the paths hover about, USD. */
const LEVELS: Readonly<Record<string, number>> = { ETH: 3000, BTC: 90_000, SOL: 140 };
export const MODEL_SYMBOLS: readonly string[] = Object.keys(LEVELS);

/** 2020-01-01: paths begin here whenever a chain does, so that every chain and every resumption sees the same prices. */
export const EPOCH = 1_577_836_800;
/** The pull of log price to its level, an hour: one percent a day, so that a path of years stays near its level. */
const REVERSION = 4e-4;
const HOUR = 3600;

/** What is drawn from a seed: each purpose has numbers of its own. */
const [DAY_DRAW, HOUR_DRAW, MINUTE_DRAW, SECOND_DRAW] = [1, 2, 3, 4];

/** An hour of a path: what is needed to draw its minutes and seconds. Logarithms relative to the level. */
interface Hour {
  readonly opening: number;
  /** Standard deviation of the diffusion per √minute. */
  readonly volatility: number;
  /** The diffusion's whole. */
  readonly diffusion: number;
  readonly jumps: readonly { readonly second: number; readonly size: number }[];
}

/** Running sums of normal steps that add up to a total (a Brownian bridge); the first is 0. */
function bridge(seed: number, steps: number, deviation: number, total: number): Float64Array {
  const uniform = generator(seed);
  const path = new Float64Array(steps + 1);
  for (let i = 1; i <= steps; i++) path[i] = (path[i - 1] ?? 0) + deviation * normal(uniform);
  const excess = (total - (path[steps] ?? 0)) / steps;
  for (let i = 1; i <= steps; i++) path[i] = (path[i] ?? 0) + excess * i;
  return path;
}

/** One symbol's path from the epoch on: hours in a row, their minutes and seconds on demand. */
class Path {
  readonly #law: Law;
  readonly #seed: number;
  /** Each day's deviation of the logarithm of volatility, in standard deviations. */
  readonly #moods: number[] = [];
  readonly #hours: Hour[] = [];
  readonly #minutes = new Map<number, Float64Array>();
  readonly #seconds = new Map<number, Float64Array>();

  constructor(law: Law, seed: number) {
    this.#law = law;
    this.#seed = seed;
  }

  #mood(day: number): number {
    const { volatilityPersistence: persistence } = this.#law;
    while (this.#moods.length <= day) {
      const news = normal(generator(hash(this.#seed, DAY_DRAW, this.#moods.length)));
      const last = this.#moods.at(-1);
      this.#moods.push(last === undefined ? news : persistence * last + Math.sqrt(1 - persistence ** 2) * news);
    }
    return this.#moods[day] ?? 0;
  }

  /** @param index Hours since the epoch. */
  hour(index: number): Hour {
    const { logVolatility, volatilitySpread, hourSpread, jumpsPerDay, jumpSize } = this.#law;
    while (this.#hours.length <= index) {
      const next = this.#hours.length;
      const uniform = generator(hash(this.#seed, HOUR_DRAW, next));
      const ofDay = Math.exp(logVolatility + volatilitySpread * this.#mood(Math.floor(next / 24)));
      const volatility = (ofDay / Math.sqrt(1440)) * Math.exp(hourSpread * normal(uniform) - hourSpread ** 2);
      const last = this.#hours.at(-1);
      this.#hours.push({
        opening: last ? this.#at(last, HOUR, last.diffusion) : 0,
        volatility,
        diffusion: volatility * Math.sqrt(60) * normal(uniform),
        jumps: Array.from({ length: poisson(jumpsPerDay / 24, uniform) }, () => ({
          second: 1 + Math.floor(uniform() * HOUR),
          size: jumpSize * volatility * normal(uniform),
        })),
      });
    }
    return this.#hours[index] as Hour;
  }

  /** Log price a number of seconds into an hour, given the diffusion until then. */
  #at({ opening, jumps }: Hour, second: number, diffusion: number): number {
    let log = opening * (1 - (REVERSION * second) / HOUR) + diffusion;
    for (const jump of jumps) if (jump.second <= second) log += jump.size;
    return log;
  }

  /** Log price relative to the level. @param time Whole seconds since the epoch. */
  log(time: number): number {
    const index = Math.floor(time / HOUR);
    const hour = this.hour(index);
    const { volatility } = hour;
    const minutes = remember(this.#minutes, index, () =>
      bridge(hash(this.#seed, MINUTE_DRAW, index), 60, volatility, hour.diffusion),
    );
    const minute = Math.floor(time / 60);
    const [from = 0, to = 0] = minutes.subarray(minute % 60, (minute % 60) + 2);
    if (time % 60 === 0) return this.#at(hour, time % HOUR, from);
    const seconds = remember(this.#seconds, minute, () =>
      bridge(hash(this.#seed, SECOND_DRAW, minute), 60, volatility / Math.sqrt(60), to - from),
    );
    return this.#at(hour, time % HOUR, from + (seconds[time % 60] ?? 0));
  }
}

/** What is known of a key, or is now made; a few thousand are kept. */
function remember<T>(known: Map<number, T>, key: number, make: () => T): T {
  const old = known.get(key);
  if (old !== undefined) return old;
  if (known.size >= 2000) known.clear();
  const made = make();
  known.set(key, made);
  return made;
}

/**
 * Prices of a seeded jump-diffusion whose volatility changes from day to day and from hour to hour. The same seed gives
 * the same price for the same second, whenever and in whatever order it is asked for.
 * @param start Chain time at which a new chain begins, seconds; the prices do not depend on it.
 * @param laws By symbol; a symbol without one is not there.
 */
export function modelSource(
  seed: number,
  start: number,
  symbols: readonly string[],
  laws: Readonly<Record<string, Law>> = CALIBRATED,
): PriceSource {
  const paths = new Map<string, { path: Path; law: Law; level: number }>();
  for (const symbol of symbols) {
    const [law, level] = [laws[symbol], LEVELS[symbol]];
    if (!law || !level) continue;
    const letters = [...symbol].map((letter) => letter.charCodeAt(0));
    paths.set(symbol, { path: new Path(law, hash(seed, ...letters)), law, level });
  }
  return {
    name: 'model',
    symbols: [...paths.keys()],
    start,
    quoteAt(symbol, time): Quote | undefined {
      const known = paths.get(symbol);
      const second = Math.floor(time);
      if (!known || second < EPOCH) return undefined;
      const { path, law, level } = known;
      const price = level * Math.exp(path.log(second - EPOCH));
      const median = Math.exp(law.logVolatility) / Math.sqrt(1440);
      const unrest = path.hour(Math.floor((second - EPOCH) / HOUR)).volatility / median;
      const confidence = (price * (CONFIDENCE_BPS[symbol] ?? 8) * Math.min(4, Math.max(0.7, unrest))) / 1e4;
      return {
        price: BigInt(Math.round(price * 1e8)),
        confidence: BigInt(Math.round(confidence * 1e8)),
        publishTime: second,
      };
    },
    close: async () => {},
  };
}
