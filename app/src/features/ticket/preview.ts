import { NO_LIMIT } from '@tidemark/sdk';
import {
  Failure,
  FeeMath,
  FillMath,
  FixedPoint,
  LiquidationMath,
  type LiquidationPrices,
  MarginMath,
  MarketFlags,
  type Outcome,
  type TradeContext,
  TradeMath,
} from '@tidemark/sdk/math';
import { type JudgedPrice, judgePrice, stateOf } from '../../data/oracle.ts';
import type { Tick } from '../../data/prices.ts';
import type { AccountState, MarketState, Snapshot } from '../../data/snapshot.ts';
import { hourFunding, nextRate } from '../markets/model.ts';
import { OFF_PEG, priceRefusal } from '../markets/status.ts';
import { failureText, fillPrice } from '../orders/model.ts';
import {
  type Holding,
  holdingsOf,
  liquidationOf,
  type Prices,
  portfolioOf,
  presentPrices,
  type Standing,
  standingOf,
} from '../positions/model.ts';

/** What an order would do if it filled at the present price, by the calculation that settles it. */
export interface Preview {
  outcome: Outcome;
  failure: { reason: string; next: string } | null;
  /** What of the account's other markets refuses the commit. */
  elsewhere: Elsewhere | null;
  /** Mean, USD per base unit, 18 decimals. */
  fillPrice: bigint;
  /** What the curve and what the price's band put on the price, 18 decimals; + worse for the trader. */
  impact: bigint;
  spread: bigint;
  keeperFee: bigint;
  /** What the account's fee tier takes off the trade's fee, percent. */
  discount: bigint;
  /** Size of the position afterwards, base units, 12 decimals. */
  size: bigint;
  before: Standing;
  after: Standing;
  /** Index at which the account becomes liquidatable, now and as funding runs on; after the order null when it fails. */
  liquidationBefore: LiquidationPrices;
  liquidationAfter: LiquidationPrices | null;
  /** Funding of that position over the next hour; + the account pays. USD, 18 decimals. */
  funding: bigint;
}

/** Orders pending in another market; or, for what can open, the index of another market that is too old, with its age in seconds. */
export type Elsewhere = { kind: 'pending'; market: number } | { kind: 'stale'; market: number; age: number };

export interface PreviewInput {
  snapshot: Snapshot;
  account: AccountState;
  ticks: Readonly<Record<number, Tick>>;
  market: number;
  /** Base units, 12 decimals, + buys, not zero. */
  sizeDelta: bigint;
  reduceOnly: boolean;
  /** An immediate close instead of an order. */
  atOnce?: boolean;
}

const MAX_INDEX_AGE = Number(MarginMath.MAX_INDEX_AGE);

/** What a trade of any size acts on. */
interface Scene {
  input: PreviewInput;
  state: MarketState;
  price: JudgedPrice;
  prices: Prices;
  others: readonly Holding[];
  /** Taken when the order is committed, so that what settles it is the margin that remains. */
  keeperFee: bigint;
}

function sceneOf(input: PreviewInput): Scene | null {
  const { snapshot, account, ticks, market: id, atOnce = false } = input;
  const state = snapshot.markets.get(id);
  const tick = ticks[id];
  if (!state || !tick || tick.price === 0n) return null;
  const price = judgePrice(tick, state.sources, atOnce);
  const prices = new Map(presentPrices(snapshot, ticks)).set(id, price.mid);
  const others = holdingsOf(account, snapshot).filter((holding) => holding.id !== id);
  return { input, state, price, prices, others, keeperFee: atOnce ? 0n : state.queue.keeperFeeCents * 10n ** 16n };
}

/** Beside the curve, USD per base unit, 18 decimals. */
function spreadOf({ price, input: { atOnce, sizeDelta } }: Scene): bigint {
  if (atOnce) return LiquidationMath.closingSpread(price, sizeDelta > 0n);
  return sizeDelta > 0n ? price.hi - price.mid : price.mid - price.lo;
}

function contextOf(scene: Scene, sizeDelta: bigint): TradeContext {
  const { input, state, price, others, keeperFee } = scene;
  const { account, snapshot, market: id, atOnce = false, reduceOnly } = input;
  const stored = account.positions.get(id);
  // A settlement values the other markets at their accepted index.
  const portfolio = portfolioOf(others, new Map());
  const { margin, volume, committedAt } = account.account;
  // A commit lets the volume fade; what is committed or closed at once has the tier that is stored.
  const faded =
    atOnce || account.pending > 0
      ? BigInt(volume)
      : FeeMath.decayed(BigInt(volume), BigInt(committedAt), BigInt(snapshot.timestamp));
  return {
    market: { ...state.market, index: price.mid },
    config: stateOf(price) === 'Strained' ? FillMath.halveCaps(state.config) : state.config,
    position: stored ? { ...stored } : { size: 0n, cash: 0n, checkpoint: 0n, generation: 0n },
    margin: margin > keeperFee ? margin - keeperFee : 0n,
    others: { ...portfolio, value: portfolio.value + account.claim * FixedPoint.RAW_PER_WAD },
    allowance: FillMath.allowance(snapshot.pool, state.config),
    discount: FeeMath.discount(faded),
    trade: {
      sizeDelta,
      limitPrice: sizeDelta > 0n ? NO_LIMIT : 0n,
      price: price.mid,
      spread: spreadOf(scene),
      adverseLong: price.lo,
      adverseShort: price.hi,
      reduceOnly,
      builderFee: 0n,
      opening: !atOnce && mayOpen(snapshot) && (state.config.flags & 2n) === 0n && stateOf(price) !== 'Guarded',
    },
  };
}

const mayOpen = ({ pauseLevel, offPeg }: Snapshot) => pauseLevel === 0 && !offPeg;

/** In words: of what the whole exchange does not open, the reason. */
function failureOf(failure: number, { offPeg }: Snapshot): Preview['failure'] {
  return failure === Failure.OpeningPaused && offPeg ? OFF_PEG : failureText(failure);
}

/**
 * Whether the commit would be refused: realised margin has to cover the keeper's fee and the initial margin, when the
 * market was last settled, of the part that opens.
 */
function commitRefused({ input, state, keeperFee }: Scene, sizeDelta: bigint): boolean {
  const { account, market, reduceOnly, atOnce } = input;
  if (atOnce) return false;
  const held = account.positions.get(market)?.size ?? 0n;
  const reduces = held !== 0n && held > 0n !== sizeDelta > 0n;
  const magnitude = FixedPoint.abs(sizeDelta);
  const opening = reduces ? FixedPoint.max(magnitude - FixedPoint.abs(held), 0n) : magnitude;
  const initial = FixedPoint.divUp(opening * state.queue.marginPerUnit, 10_000n);
  return account.account.margin < keeperFee + (reduceOnly ? 0n : initial);
}

/** As the commit asks: one market at a time, and other markets' indices young enough to open by. */
function elsewhereOf({ input, others }: Scene): Elsewhere | null {
  const { snapshot, account, market: id, reduceOnly, atOnce } = input;
  if (atOnce) return null;
  const { market: pending } = account.account;
  if (account.pending > 0 && pending !== id) return { kind: 'pending', market: pending };
  if (reduceOnly) return null;
  for (const { id: market, state } of others) {
    const age = snapshot.timestamp - Number(state.market.indexAt);
    if (age > MAX_INDEX_AGE && (state.config.flags & MarketFlags.Settled) === 0n) return { kind: 'stale', market, age };
  }
  return null;
}

function refusalOf({ price, state, input }: Scene): Preview['failure'] {
  const found = stateOf(price);
  const leaves = input.atOnce && (found === 'Single' || (found !== 'Halted' && state.sources.sequencer === 'grace'));
  return leaves ? null : priceRefusal(found);
}

/** @returns Null while the market has no price. */
export function previewOrder(input: PreviewInput): Preview | null {
  const scene = sceneOf(input);
  if (!scene) return null;
  const { snapshot, account, market: id, sizeDelta } = input;
  const { state, price, prices, others, keeperFee } = scene;
  const holdings = holdingsOf(account, snapshot);
  const context = contextOf(scene, sizeDelta);
  const outcome = TradeMath.attempt(context);
  const failure =
    outcome.failure === Failure.None && commitRefused(scene, sizeDelta) ? Failure.MarginTooLow : outcome.failure;
  const failed = failure !== Failure.None;

  const { size } = context.position;
  const resulting =
    size === 0n ? others : [...others, { id, position: context.position, state: { ...state, market: context.market } }];
  const { margin } = account.account;
  const marginAfter = failed ? margin - keeperFee : outcome.margin;
  const asked = { id, claim: account.claim, time: snapshot.timestamp };
  const mean = fillPrice(outcome.cost, outcome.sizeDelta);
  const worse = sizeDelta > 0n ? mean - price.mid : price.mid - mean;
  const { spread } = context.trade;
  const ofPrice = (part: bigint) => (mean === 0n ? 0n : (part * FixedPoint.WAD) / price.mid);
  return {
    outcome,
    failure: failed ? failureOf(failure, snapshot) : refusalOf(scene),
    elsewhere: elsewhereOf(scene),
    fillPrice: mean,
    impact: ofPrice(worse - spread),
    spread: ofPrice(spread),
    keeperFee,
    discount: context.discount,
    size,
    before: standingOf(margin, holdings, prices),
    after: standingOf(marginAfter, resulting, prices),
    liquidationBefore: liquidationOf(margin, holdings, prices, asked),
    liquidationAfter: failed ? null : liquidationOf(marginAfter, resulting, prices, asked),
    funding: hourFunding(size, price.mid, nextRate(context.market, state.config)),
  };
}

/**
 * The largest size that opens, base units, 12 decimals, found by asking the same calculation.
 * @param step Smallest step of sizes, 12 decimals.
 */
export function largestSize(input: Omit<PreviewInput, 'sizeDelta'>, sign: 1n | -1n, step: bigint): bigint {
  const scene = sceneOf({ ...input, sizeDelta: sign });
  if (!scene) return 0n;
  const { state, price } = scene;
  const { account, market: id } = input;
  const fills = (size: bigint) => {
    if (commitRefused(scene, sign * size)) return false;
    const { failure, sizeDelta } = TradeMath.attempt(contextOf(scene, sign * size));
    return failure === Failure.None && sizeDelta === sign * size;
  };
  const margin = account.account.margin * FixedPoint.RAW_PER_WAD;
  const held = FixedPoint.abs(account.positions.get(id)?.size ?? 0n);
  const equity = margin + held * price.mid * 2n;
  let low = (11n * 10n ** 30n) / price.mid / step + 1n;
  let high = ((equity / price.mid) * 10_000n) / state.config.initialMarginBps / step + 2n;
  if (!fills(low * step)) return 0n;
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (fills(middle * step)) low = middle;
    else high = middle;
  }
  return low * step;
}
