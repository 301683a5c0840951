import { PRICE_STATES } from '@tidemark/sdk';
import { PriceMath, type Quote } from '@tidemark/sdk/math';
import type { Tick } from './prices.ts';

export type PriceState = (typeof PRICE_STATES)[number];

/** What the chain's uptime feed says of the sequencer; in grace it answered less than ten minutes ago. */
export type Sequencer = 'up' | 'grace' | 'down' | 'unreadable';

/** What a published price is held against. Prices USD per base unit, 18 decimals; times in seconds. */
export interface PriceSources {
  bounds: PriceMath.FeedBounds;
  /** Lowest and highest credible price. */
  floor: bigint;
  ceiling: bigint;
  /** Chainlink's newest answer; `value` is zero when there is none or it is too old. */
  anchor: Quote;
  sequencer: Sequencer;
}

/** A published price as the oracle judges it: the sources support what lies between `lo` and `hi`. */
export interface JudgedPrice {
  mid: bigint;
  lo: bigint;
  hi: bigint;
  /** max(2 · confidence, 1 bp of mid), rounded up. */
  halfWidth: bigint;
  publishTime: bigint;
  /** Place in `PRICE_STATES`. */
  state: number;
}

function classify(quote: Quote, { bounds, anchor, sequencer, floor, ceiling }: PriceSources): PriceState {
  const credible = quote.confidence > 0n && PriceMath.confidencePpm(quote) <= PriceMath.MAX_CONFIDENCE_PPM;
  if (!credible || quote.value < floor || quote.value > ceiling) return 'Fallback';
  if (sequencer === 'down') return 'SequencerDown';
  const state = anchor.value === 0n ? 'Single' : PriceMath.classify(quote, anchor, bounds);
  if (state === 'Halted') return state;
  if (sequencer === 'grace') return 'SequencerDown';
  return sequencer === 'unreadable' ? 'Single' : state;
}

/**
 * Judges a published price as the oracle would at present.
 * @param tick Its price is positive.
 * @param spanning Whether both sources count even when they agree, as for an immediate close.
 */
export function judgePrice(
  { price, confidence, publishTime }: Tick,
  sources: PriceSources,
  spanning = false,
): JudgedPrice {
  const quote: Quote = { value: price, confidence, time: BigInt(publishTime) };
  const state = classify(quote, sources);
  const { thresholdPpm } = sources.bounds;
  const { lo, hi } = PriceMath.band(quote, sources.anchor, { state, thresholdPpm, spanning });
  const halfWidth = PriceMath.halfWidth(quote);
  return { mid: price, lo, hi, halfWidth, publishTime: quote.time, state: PRICE_STATES.indexOf(state) };
}

export const stateOf = ({ state }: JudgedPrice): PriceState => PRICE_STATES[state] ?? 'Fallback';

/** Whether orders settle in a state. */
export const settles = (state: PriceState): boolean => ['Normal', 'Strained', 'Guarded'].includes(state);
