import { type ChainlinkSettings, nextRound, type Round } from '../../../devnet/src/feeds/chainlinkFeed.ts';
import { bridge, deviationOfRange } from '../../../devnet/src/prices/bridge.ts';
import type { PriceSource } from '../../../devnet/src/prices/source.ts';
import type { Quote } from '../../src/math/index.ts';
import { Random } from '../differential/random.ts';

const MINUTE = 60;
/** 8 decimals to 18. */
const SCALE = 10n ** 10n;

/**
 * What a market was worth second by second: the minutes are real, the seconds between them a Brownian bridge with the
 * variance that the minute's range tells, so that a minute's own course says nothing of its end.
 */
export class Path {
  readonly rounds: Round[] = [];
  private readonly prices: Float64Array;

  private constructor(
    readonly start: number,
    readonly end: number,
  ) {
    this.prices = new Float64Array(end - start);
  }

  /** @param source Of minutes. @param seed Of the seconds between. */
  static between(
    source: PriceSource,
    symbol: string,
    start: number,
    end: number,
    settings: ChainlinkSettings,
    seed: number,
  ): Path {
    const path = new Path(start, end);
    const random = new Random(seed);
    const at = (time: number) => source.quoteAt(symbol, time);
    for (let minute = start; minute < end; minute += MINUTE) {
      const points = Array.from({ length: MINUTE }, (_, i) => at(minute + i));
      const [first] = points;
      if (!first) continue;
      const seen = points.flatMap((quote) => (quote ? [Number(quote.price)] : []));
      const to = Number((at(minute + MINUTE) ?? points.at(-1) ?? first).price);
      const deviation = deviationOfRange(Math.max(...seen, to), Math.min(...seen, to));
      const seconds = bridge(Number(first.price), to, deviation, MINUTE, () => random.unit());
      path.prices.set(
        seconds.subarray(0, end - minute).map((price) => price / 1e8),
        minute - start,
      );
    }
    path.write(symbol, settings);
    return path;
  }

  /** From prices of every second, USD. */
  static of(start: number, prices: readonly number[], settings: ChainlinkSettings): Path {
    const path = new Path(start, start + prices.length);
    path.prices.set(prices);
    path.write('', settings);
    return path;
  }

  /** USD; zero where there is none. */
  priceAt(time: number): number {
    return this.prices[time - this.start] ?? 0;
  }

  /** Its value zero where there is none; its confidence as small as can be, so that the half-width is at its least. */
  quoteAt(time: number): Quote {
    return { value: integer(this.priceAt(time)) * SCALE, confidence: SCALE, time: BigInt(time) };
  }

  /** Place of the newest round not written after a time; −1 before the first. */
  roundAt(time: number): number {
    let [lo, hi] = [0, this.rounds.length];
    while (lo < hi) {
      const middle = (lo + hi) >> 1;
      if ((this.rounds[middle]?.updatedAt ?? 0) <= time) lo = middle + 1;
      else hi = middle;
    }
    return lo - 1;
  }

  /** Chainlink's rounds. */
  private write(symbol: string, settings: ChainlinkSettings): void {
    const source = {
      quoteAt: (_: string, time: number) => {
        const price = integer(this.priceAt(time));
        return price === 0n ? undefined : { price, confidence: 0n, publishTime: time };
      },
    } as PriceSource;
    this.rounds.push({ answer: integer(this.priceAt(this.start)), updatedAt: this.start });
    for (let now = this.start + 1; now < this.end; now++) {
      const last = this.rounds.at(-1);
      const next = last && nextRound(last, source, symbol, now, settings);
      if (next) this.rounds.push(next);
    }
  }
}

const integer = (dollars: number) => BigInt(Math.round(dollars * 1e8));
