import { Failure, FundingMath, type Outcome, type Position, type TradeContext, TradeMath } from '@tidemark/sdk/math';
import type { Tick } from '../../data/prices.ts';
import type { AccountState, Snapshot } from '../../data/snapshot.ts';
import { failureText, fillPrice } from '../orders/model.ts';
import {
  type Holding,
  holdingsOf,
  liquidationPrice,
  portfolioOf,
  presentPrices,
  type Standing,
  standingOf,
} from '../positions/model.ts';
import { type BandedPrice, bandedPrice, MAX_UINT96, nextHourFunding } from './model.ts';

/** What an order would do if it filled at the present price, by the calculation that settles it. */
export interface Preview {
  outcome: Outcome;
  failure: { reason: string; next: string } | null;
  /** Mean, USD per base unit, 18 decimals. */
  fillPrice: bigint;
  /** How far the fill is from the price, 18 decimals; + worse for the trader. */
  impact: bigint;
  keeperFee: bigint;
  position: Position;
  before: Standing;
  after: Standing;
  liquidationBefore: bigint | null;
  liquidationAfter: bigint | null;
  /** Funding of the resulting position over an hour at the rate then in force; + the account pays. USD, 18 decimals. */
  funding: bigint;
}

export interface PreviewInput {
  snapshot: Snapshot;
  account: AccountState;
  ticks: Readonly<Record<number, Tick>>;
  market: number;
  /** Base units, 12 decimals, + buys, not zero. */
  sizeDelta: bigint;
  reduceOnly: boolean;
}

const MAX_INDEX_AGE = 60;

/** @returns Null while the market has no price. */
export function previewOrder(input: PreviewInput): Preview | null {
  const { snapshot, account, ticks, market: id, sizeDelta, reduceOnly } = input;
  const state = snapshot.markets.get(id);
  const tick = ticks[id];
  if (!state || !tick) return null;
  const price = bandedPrice(tick);
  const prices = new Map(presentPrices(snapshot, ticks)).set(id, price.mid);
  const holdings = holdingsOf(account, snapshot);
  const others = holdings.filter((holding) => holding.id !== id);
  const context = contextOf(input, price, others);
  const keeperFee = state.queue.keeperFeeCents * 10n ** 16n;
  const stale = others.some(({ state: { market } }) => snapshot.timestamp > Number(market.indexAt) + MAX_INDEX_AGE);
  const outcome = TradeMath.attempt(context, !reduceOnly && stale);
  const failed = outcome.failure !== Failure.None;

  const after: Holding = { id, position: context.position, state: { ...state, market: context.market } };
  const resulting = context.position.size === 0n ? others : [...others, after];
  const margin = account.account.margin;
  const marginAfter = failed ? margin - keeperFee : outcome.margin;
  const claim = { id, claim: account.unpaidClaim };
  const mean = fillPrice(outcome.cost, outcome.sizeDelta);
  const worse = sizeDelta > 0n ? mean - price.mid : price.mid - mean;
  const rate = FundingMath.effectiveRate(context.market.fundingRate, FundingMath.skewOf(context.market), state.config);
  return {
    outcome,
    failure: failed ? failureText(outcome.failure) : null,
    fillPrice: mean,
    impact: mean === 0n ? 0n : (worse * 10n ** 18n) / price.mid,
    keeperFee,
    position: context.position,
    before: standingOf(margin, holdings, prices),
    after: standingOf(marginAfter, resulting, prices),
    liquidationBefore: liquidationPrice(margin, holdings, prices, claim),
    liquidationAfter: failed ? null : liquidationPrice(marginAfter, resulting, prices, claim),
    funding: nextHourFunding(context.position.size, price.mid, rate),
  };
}

/** The keeper's fee is taken when the order is committed, so the margin that settles it is what remains. */
function contextOf(input: PreviewInput, price: BandedPrice, others: readonly Holding[]): TradeContext {
  const { snapshot, account, market: id, sizeDelta, reduceOnly, ticks } = input;
  const state = snapshot.markets.get(id) as NonNullable<ReturnType<Snapshot['markets']['get']>>;
  const keeperFee = state.queue.keeperFeeCents * 10n ** 16n;
  const stored = account.positions.get(id);
  const portfolio = portfolioOf(others, presentPrices(snapshot, ticks));
  const margin = account.account.margin;
  return {
    market: { ...state.market, index: price.mid },
    config: state.config,
    position: stored ? { ...stored } : { size: 0n, cash: 0n, checkpoint: 0n, generation: 0n },
    margin: margin > keeperFee ? margin - keeperFee : 0n,
    others: { ...portfolio, value: portfolio.value + account.unpaidClaim * 10n ** 12n },
    trade: {
      sizeDelta,
      limitPrice: sizeDelta > 0n ? MAX_UINT96 : 0n,
      price: price.mid,
      spread: price.halfWidth < price.mid ? price.halfWidth : price.mid,
      adverseLong: price.lo,
      adverseShort: price.hi,
      reduceOnly,
      opening: snapshot.pauseLevel === 0 && (state.config.flags & 2n) === 0n,
    },
  };
}

/**
 * The largest size that opens, base units, 12 decimals, found by asking the same calculation.
 * @param step Smallest step of sizes, 12 decimals.
 */
export function largestSize(input: Omit<PreviewInput, 'sizeDelta'>, sign: 1n | -1n, step: bigint): bigint {
  const { snapshot, market: id, ticks, account } = input;
  const state = snapshot.markets.get(id);
  const tick = ticks[id];
  if (!state || !tick || tick.price === 0n) return 0n;
  const price = bandedPrice(tick);
  const others = holdingsOf(account, snapshot).filter((holding) => holding.id !== id);
  const fills = (size: bigint) => {
    const { failure, sizeDelta } = TradeMath.attempt(
      contextOf({ ...input, sizeDelta: sign * size }, price, others),
      false,
    );
    return failure === Failure.None && sizeDelta === sign * size;
  };
  const margin = account.account.margin * 10n ** 12n;
  const held = account.positions.get(id)?.size ?? 0n;
  const equity = margin + (held < 0n ? -held : held) * price.mid * 2n;
  let low = 0n;
  let high = ((equity / price.mid) * 10_000n) / state.config.initialMarginBps / step + 2n;
  const floor = (11n * 10n ** 30n) / price.mid / step + 1n;
  if (!fills(floor * step)) return 0n;
  low = floor;
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (fills(middle * step)) low = middle;
    else high = middle;
  }
  return low * step;
}
