import { max, min, mulDivUp, PPM } from './fixedPoint.ts';

// How two quotes of one market become a price with a state, mirror of PriceMath.sol. Shares are parts per million.
// Source: docs/mechanism.md#oracle-states.

/** Least half-width: 1 bp. */
export const MIN_HALF_WIDTH_PPM = 100n;
/** Confidence above which the low-latency source is invalid: 200 bp. */
export const MAX_CONFIDENCE_PPM = 20_000n;
/** Least deviation that strains: 50 bp. */
export const MIN_STRAIN_PPM = 5000n;
/** Added to each side of the band when only one source answers: 30 bp. */
export const SINGLE_SPREAD_PPM = 3000n;

/** How far a single source may lie from the mean: 10 %. */
export const MAX_FROM_MEAN_PPM = 100_000n;
/** Around the mean and the last good price, when no source answers: at least 1 %, at most 10 %. */
export const MIN_FALLBACK_PPM = 10_000n;
export const MAX_FALLBACK_PPM = 100_000n;

/** A price of one source. `value` USD per base unit and `confidence` have 18 decimals; `time` in seconds. */
export interface Quote {
  /** Zero when the source gives none. */
  value: bigint;
  /** Half the confidence interval; zero for sources without one. */
  confidence: bigint;
  /** When it was published or written. */
  time: bigint;
}

/** What two quotes that are there say of each other. */
export type Agreement = 'Normal' | 'Strained' | 'Guarded' | 'Halted';

/** The bounds of one feed, parts per million. */
export interface FeedBounds {
  /** θ: the anchor's own deviation threshold. */
  thresholdPpm: bigint;
  /** D2. */
  haltPpm: bigint;
  /** Confidence above which the price is guarded whatever the anchor says. */
  strainConfidencePpm: bigint;
}

/** An integer with `decimals` decimals in 18, rounded down. */
export function toWad(value: bigint, decimals: bigint): bigint {
  return decimals <= 18n ? value * 10n ** (18n - decimals) : value / 10n ** (decimals - 18n);
}

/** max(2 · confidence, 1 bp of the price), rounded up. */
export function halfWidth(quote: Quote): bigint {
  return max(2n * quote.confidence, mulDivUp(quote.value, MIN_HALF_WIDTH_PPM, PPM));
}

/** Confidence over price, parts per million, rounded up. */
export function confidencePpm(quote: Quote): bigint {
  return mulDivUp(quote.confidence, PPM, quote.value);
}

/**
 * |anchor − quote| / min(anchor, quote), parts per million, rounded up; of an anchor older than the quote only what
 * exceeds its own threshold.
 */
export function deviationPpm(quote: Quote, anchor: Quote, thresholdPpm: bigint): bigint {
  const low = min(quote.value, anchor.value);
  const deviation = mulDivUp(max(quote.value, anchor.value) - low, PPM, low);
  return anchor.time < quote.time ? deviation - min(deviation, thresholdPpm) : deviation;
}

/**
 * Halted above D2; guarded by a wide confidence; strained above D1 = max(50 bp, 3θ + 2 · confidence), never above D2;
 * else normal.
 */
export function classify(quote: Quote, anchor: Quote, bounds: FeedBounds): Agreement {
  const deviation = deviationPpm(quote, anchor, bounds.thresholdPpm);
  if (deviation > bounds.haltPpm) return 'Halted';
  const confidence = confidencePpm(quote);
  if (confidence > bounds.strainConfidencePpm) return 'Guarded';
  const limit = min(max(MIN_STRAIN_PPM, 3n * bounds.thresholdPpm + 2n * confidence), bounds.haltPpm);
  return deviation > limit ? 'Strained' : 'Normal';
}

/**
 * The lowest and the highest price the sources support; outward rounding. An anchor without a value leaves the quote
 * alone and widens it, as Single does.
 * @param spanning Whether both sources count even when they agree, as for what acts at once.
 */
export function band(
  quote: Quote,
  anchor: Quote,
  { state, thresholdPpm, spanning }: { state: string; thresholdPpm: bigint; spanning: boolean },
): { lo: bigint; hi: bigint } {
  const width = halfWidth(quote);
  let [lo, hi] = [quote.value - width, quote.value + width];
  if (anchor.value !== 0n && spanning) {
    lo = min(lo, anchor.value - min(width, anchor.value));
    hi = max(hi, anchor.value + width);
  }
  if (anchor.value === 0n || state === 'Single') {
    const spread = mulDivUp(quote.value, SINGLE_SPREAD_PPM, PPM);
    return { lo: lo - spread, hi: hi + spread };
  }
  if (state === 'Strained' || state === 'Guarded') {
    lo = min(lo, (anchor.value * (PPM - thresholdPpm)) / PPM);
    hi = max(hi, mulDivUp(anchor.value, PPM + thresholdPpm, PPM));
  }
  return { lo, hi };
}

/**
 * The band when no source answers: twice the deviation beyond mean and last good price; outward rounding.
 * @param deviation Of the price over the mean's window, parts per million.
 */
export function fallbackBand(mean: bigint, lastGood: bigint, deviation: bigint): { lo: bigint; hi: bigint } {
  const spread = min(max(2n * deviation, MIN_FALLBACK_PPM), MAX_FALLBACK_PPM);
  return {
    lo: (min(mean, lastGood) * (PPM - spread)) / PPM,
    hi: mulDivUp(max(mean, lastGood), PPM + spread, PPM),
  };
}
