import { FundingMath, MAX_PRICE, type Market, MarketFlags, type Price, PriceMath, PriceState } from '@tidemark/sdk';
import { type MarketSnapshot, type OracleRules, type Quote, SequencerState } from '../snapshot.ts';

// What the oracle serves, mirror of PriceOracle.sol. Source: docs/mechanism.md#oracle-states.

/** Seconds that a price may be old for a liquidation, a deleveraging, crystallising or the end of a market. */
export const ACTION_PRICE_AGE = 15n;
/** Age of Pyth's stored price from which on Pyth is silent: 300 s after an observation at most 60 s younger. */
const SILENCE = 360n;

const NONE: PriceMath.Quote = { value: 0n, confidence: 0n, time: 0n };

/** The prices of a market that the oracle would serve a liquidation. */
export interface Present {
  /** Brought along; null when none is young enough, or the oracle would refuse it. */
  readonly brought: Price | null;
  /** When nothing is brought: the stored one or, while Pyth is silent, Chainlink's; null likewise. */
  readonly stored: Price | null;
}

/** @param now Seconds. */
export function presentOf(market: MarketSnapshot, now: bigint): Present {
  const { quote, stored, storedAt, anchor } = market;
  const serveStored = () => {
    if (isYoung(stored, now, ACTION_PRICE_AGE)) return serve(market, stored, now);
    return anchor && now > storedAt + SILENCE ? serve(market, null, now) : null;
  };
  return { brought: isYoung(quote, now, ACTION_PRICE_AGE) ? serve(market, quote, now) : null, stored: serveStored() };
}

export const isSettled = ({ config }: Pick<MarketSnapshot, 'config'>) => (config.flags & MarketFlags.Settled) !== 0n;

export function isYoung(quote: Quote | null, now: bigint, limit: bigint): quote is Quote {
  return quote !== null && now - quote.publishTime <= limit;
}

/** A market's funding brought to a time, at its stored index. */
export function accrued({ market, config }: Pick<MarketSnapshot, 'market' | 'config'>, now: bigint): Market {
  const copy = { ...market };
  FundingMath.accrue(copy, config, now);
  return copy;
}

/** The end of a price's band that favours a position. @param size Signed. */
export const favourable = ({ lo, hi }: Pick<Price, 'lo' | 'hi'>, size: bigint) => (size > 0n ? hi : lo);

/** @param quote Of Pyth; null while it is silent. */
function serve({ market, anchor: round, rules }: MarketSnapshot, quote: Quote | null, now: bigint): Price | null {
  const own = quote ? credible(quote, rules) : NONE;
  if (quote && own.time === 0n) return null;
  const anchor = round ? { value: round.price, confidence: round.confidence, time: round.publishTime } : NONE;
  const state = stateOf(own, anchor, rules);
  const silent = own.value === 0n;
  if (state === PriceState.Halted || state === PriceState.Fallback) return null;
  if (state === PriceState.SequencerDown && silent) return null;
  const [mid, other] = silent ? [anchor, NONE] : [own, anchor];
  const name = STATE_NAMES[state] as string;
  const band = PriceMath.band(mid, other, { state: name, thresholdPpm: rules.thresholdPpm, spanning: true });
  // Chainlink's price is older and stands all the same.
  const publishTime = silent ? now : own.time;
  if (publishTime < market.indexAt || band.hi > MAX_PRICE) return null;
  return { mid: mid.value, ...band, halfWidth: PriceMath.halfWidth(mid), publishTime, state };
}

const STATE_NAMES = Object.keys(PriceState);

/** Without value, or without time, when it is not credible. */
function credible({ price: value, confidence, publishTime: time }: Quote, rules: OracleRules): PriceMath.Quote {
  if (value <= 0n || confidence <= 0n) return NONE;
  const quote = { value, confidence, time };
  if (value < rules.floor || value > rules.ceiling) return { ...quote, value: 0n };
  return PriceMath.confidencePpm(quote) > PriceMath.MAX_CONFIDENCE_PPM ? NONE : quote;
}

function stateOf(quote: PriceMath.Quote, anchor: PriceMath.Quote, rules: OracleRules): number {
  if (rules.haltedAt !== 0n && (quote.value === 0n || quote.time >= rules.haltedAt)) return PriceState.Halted;
  const state = agreementOf(quote, anchor, rules);
  const fast = state <= PriceState.Strained && quote.time >= rules.breakerFrom && quote.time < rules.breakerUntil;
  return fast ? PriceState.Guarded : state;
}

/** Bottom row first, but that what halts is asked before the sequencer: then a missing source. */
function agreementOf(quote: PriceMath.Quote, anchor: PriceMath.Quote, rules: OracleRules): number {
  if ((quote.value === 0n && quote.time !== 0n) || rules.anchorOutside) return PriceState.Halted;
  const both = quote.value !== 0n && anchor.value !== 0n;
  const agreement = both ? PriceState[PriceMath.classify(quote, anchor, rules)] : PriceState.Normal;
  if (agreement === PriceState.Halted) return agreement;
  const { sequencer } = rules;
  if (sequencer === SequencerState.Down || sequencer === SequencerState.Grace) return PriceState.SequencerDown;
  if (!both || sequencer === SequencerState.Unreadable) return stateOfOne(quote.value || anchor.value, rules.mean);
  return agreement;
}

/** One source stands for both as far as the mean agrees with it; none leaves the mean. */
function stateOfOne(value: bigint, mean: bigint): number {
  if (value === 0n) return mean === 0n ? PriceState.Halted : PriceState.Fallback;
  const far =
    mean !== 0n &&
    PriceMath.deviationPpm({ ...NONE, value }, { ...NONE, value: mean }, 0n) > PriceMath.MAX_FROM_MEAN_PPM;
  return far ? PriceState.Halted : PriceState.Single;
}
