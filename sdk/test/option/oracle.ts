import { PRICE_STATES } from '../../src/errors/index.ts';
import { type Price, PriceMath, PriceState, type Quote } from '../../src/math/index.ts';
import { ModelError, type PriceSource, PriceUse } from '../../src/model/index.ts';
import type { Path } from './path.ts';

// PriceOracle.sol on a path: the first price of a window, the update that the caller brings, the round in force.

/** Seconds by which a price may be ahead of the clock. */
export const MAX_FUTURE = 5;
/** Seconds: how old a price of an immediate close may be; of a use that keepers bring. */
export const CLOSE_AGE = 5;

/** What PriceOracle.sol has registered of a feed. */
export interface FeedRules extends PriceMath.FeedBounds {
  /** Seconds. */
  heartbeat: bigint;
}

export class PathOracle implements PriceSource {
  /** Publish time of the update that is brought to an immediate close. */
  brought = 0;

  constructor(
    private readonly path: Path,
    private readonly rules: FeedRules,
    /** The chain's clock, seconds. */
    private readonly now: () => number,
  ) {}

  settlementPrice(market: bigint, from: bigint, to: bigint): Price {
    for (let time = Number(from); time <= Number(to) && time <= this.now() + MAX_FUTURE; time++) {
      const quote = this.path.quoteAt(time);
      if (quote.value !== 0n) return this.judged(market, quote, time, PriceUse.Settle);
    }
    throw new ModelError('PriceFeedNotFoundWithinRange', []);
  }

  presentPrices(_markets: bigint, use: PriceUse): Price[] {
    const age = this.now() - this.brought;
    if (age > CLOSE_AGE) throw new ModelError('PriceTooOld', [0n, BigInt(age), BigInt(CLOSE_AGE)]);
    return [this.judged(0n, this.path.quoteAt(this.brought), this.now(), use)];
  }

  observe(markets: bigint): Price[] {
    return this.presentPrices(markets, PriceUse.Index);
  }

  peek(): Price {
    const quote = this.path.quoteAt(this.now());
    return composed(quote, { value: 0n, confidence: 0n, time: 0n }, PriceState.Normal, this.rules, false);
  }

  closingPrice(): bigint {
    return 0n;
  }

  offPeg(before: boolean): boolean {
    return before;
  }

  /** @param at The anchor is the round in force then, among those that are written by now. */
  private judged(market: bigint, quote: Quote, at: number, use: PriceUse): Price {
    if (quote.value === 0n) throw new ModelError('PriceInvalid', [market]);
    const anchor = this.anchorAt(Math.min(at, this.now()), at);
    const state = anchor.value === 0n ? PriceState.Single : PriceState[PriceMath.classify(quote, anchor, this.rules)];
    const leaving = use === PriceUse.CloseNow;
    const permitted = state <= PriceState.Guarded || (leaving && state === PriceState.Single);
    if (!permitted) throw new ModelError('PriceUseRefused', [market, BigInt(use), BigInt(state), 0n]);
    return composed(quote, anchor, state, this.rules, leaving);
  }

  private anchorAt(written: number, time: number): Quote {
    const round = this.path.rounds[this.path.roundAt(written)];
    const old = !round || BigInt(time - round.updatedAt) > (this.rules.heartbeat * 11n) / 10n;
    if (old) return { value: 0n, confidence: 0n, time: 0n };
    return { value: PriceMath.toWad(round.answer, 8n), confidence: 0n, time: BigInt(round.updatedAt) };
  }
}

function composed(quote: Quote, anchor: Quote, state: number, { thresholdPpm }: FeedRules, spanning: boolean): Price {
  const name = PRICE_STATES[state] ?? 'Normal';
  const { lo, hi } = PriceMath.band(quote, anchor, { state: name, thresholdPpm, spanning });
  const { value: mid, time: publishTime } = quote;
  return { mid, lo, hi, halfWidth: PriceMath.halfWidth(quote), publishTime, state };
}
