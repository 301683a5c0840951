import { FillMath, OrderWords, PriceMath, PriceState, TradeMath } from '@tidemark/sdk';
import type { PriceSource } from '../src/prices/source.ts';
import { KINDS, type Kind, toPrice } from './placements.ts';
import type { Outcome, Recorded, Told } from './record.ts';

/** Seconds from the commit to its price; as in EngineStorage.sol. */
const PRICE_DELAY = 2;
const PRICE_WINDOW = 12;
const MAX_PENDING = 8;

/** What a replay comes to. */
export interface Verdict {
  readonly violations: readonly string[];
  readonly kinds: Readonly<Record<Kind, Count>>;
  /** Why orders failed, each as computed. */
  readonly failures: Readonly<Record<string, number>>;
  /** Seconds for which a trigger has to hold so that its order may not be missed. */
  readonly holds: number;
  /** Chain seconds from the first at which it held, and could be taken, to the block that filled it, ascending. */
  readonly latencies: readonly number[];
  /** Settlements at a price that Chainlink's distance had widened. */
  readonly widened: number;
}

export interface Count {
  placed: number;
  filled: number;
  failed: number;
  /** Committed, and refused at the price that it was to be settled at. */
  expired: number;
  releases: number;
  cancelled: number;
  /** Never met for long enough, or while they could be taken. */
  waiting: number;
}

/**
 * For how long a trigger has to hold: the first block that sees it, the push, the commit, and the price of two seconds
 * later, each a block after the last at most.
 */
export const holdOf = (blockTime: number): number => 3 * blockTime + PRICE_DELAY;

/**
 * Compares what became of the orders with what the same prices say. Pure: prices are the source's, per second; of the chain
 * only times, sizes and what else was going on are taken.
 */
export function judge(recorded: Recorded, source: Pick<PriceSource, 'quoteAt'>): Verdict {
  const prices = new Prices(recorded, source);
  const book = new Book(recorded, prices);
  const violations = [...recorded.accidents];
  const kinds = Object.fromEntries(KINDS.map((kind) => [kind, emptyCount()])) as Record<Kind, Count>;
  const failures: Record<string, number> = {};
  const latencies: number[] = [];
  const holds = holdOf(recorded.blockTime);

  for (const outcome of recorded.outcomes) {
    const told = outcome.id === null ? null : (recorded.told[outcome.id] as Told);
    violations.push(...book.take(outcome, told).map((what) => `${told ? nameOf(told) : outcome.account}: ${what}`));
    if (!told) continue;
    const count = kinds[told.kind];
    if (outcome.result.status === 'released') count.releases++;
    if (outcome.result.status === 'expired') count.expired++;
    if (outcome.result.status === 'filled') count.filled++;
    if (outcome.result.status === 'failed') {
      count.failed++;
      failures[outcome.result.reason] = (failures[outcome.result.reason] ?? 0) + 1;
    }
  }
  for (const { id, committedAt } of recorded.commits) {
    const told = recorded.told[id] as Told;
    const before = prices.firstHold(told, told.placedAt, committedAt) !== undefined;
    if (!before) violations.push(`${nameOf(told)}: committed at ${committedAt}, before its trigger was ever met`);
    if (told.deadline !== undefined && committedAt > told.deadline)
      violations.push(`${nameOf(told)}: committed at ${committedAt}, after its deadline`);
  }
  for (const { id, at, reason } of recorded.leftOut) {
    const told = recorded.told[id] as Told;
    const late = reason === 'DeadlinePassed' && told.deadline !== undefined && at > told.deadline;
    if (!late && !(reason === 'PositionEnded' && told.attached && !book.isAttached(told, at)))
      violations.push(`${nameOf(told)}: left out at ${at} by ${reason}, which is not computed`);
  }
  const ends = new Map(
    recorded.outcomes.flatMap((one) => (one.id !== null && one.result.status !== 'released' ? [[one.id, one]] : [])),
  );
  for (const told of recorded.told) {
    const end = ends.get(told.id);
    const { missedAt, heldFrom } = book.follow(told, end, holds);
    const count = kinds[told.kind];
    count.placed++;
    if (told.cancelledAt !== undefined && !end) count.cancelled++;
    else if (!end) count.waiting++;
    if (missedAt !== undefined)
      violations.push(`${nameOf(told)}: missed, its trigger held from ${missedAt} for ${holds} s`);
    if (end?.result.status === 'filled' && heldFrom !== undefined) latencies.push(end.settledAt - heldFrom);
  }
  latencies.sort((a, b) => a - b);
  return { violations, kinds, failures, holds, latencies, widened: book.widened };
}

const emptyCount = (): Count => ({
  placed: 0,
  filled: 0,
  failed: 0,
  expired: 0,
  releases: 0,
  cancelled: 0,
  waiting: 0,
});
const nameOf = ({ id, kind, market }: Told) => `order ${id} (${kind}, market ${market})`;

/** The source's prices, looked up once a second. */
class Prices {
  readonly #mids: readonly (bigint | undefined)[][];
  readonly #recorded: Recorded;
  readonly #source: Pick<PriceSource, 'quoteAt'>;

  constructor(recorded: Recorded, source: Pick<PriceSource, 'quoteAt'>) {
    [this.#recorded, this.#source] = [recorded, source];
    const { from, to, markets } = recorded;
    const seconds = Array.from({ length: to - from + PRICE_WINDOW + 1 }, (_, i) => from + i);
    this.#mids = markets.map(({ symbol }) =>
      seconds.map((time) => {
        const digits = source.quoteAt(symbol, time)?.price;
        return digits === undefined ? undefined : toPrice(digits);
      }),
    );
  }

  holds({ market, trigger, above }: Told, time: number): boolean {
    const mid = this.#mids[market]?.[time - this.#recorded.from];
    if (mid === undefined) return false;
    return above ? mid >= trigger : mid <= trigger;
  }

  /** The first second of a stretch, both ends inclusive, at which a trigger is met. */
  firstHold(told: Told, from: number, to: number): number | undefined {
    for (let time = from; time <= to; time++) if (this.holds(told, time)) return time;
    return undefined;
  }

  /** The price by which a commit is settled, with the oracle's source of the second opinion at that time. */
  settlement(market: number, committedAt: number) {
    for (let time = committedAt + PRICE_DELAY; time <= committedAt + PRICE_WINDOW; time++) {
      const price = this.quote(market, time);
      if (price) return { time, price };
    }
    return undefined;
  }

  /** What is published at a second, USD, 18 decimals. */
  quote(market: number, time: number): PriceMath.Quote | undefined {
    const quote = this.#source.quoteAt(this.#recorded.markets[market]?.symbol ?? '', time);
    if (!quote) return undefined;
    return { value: toPrice(quote.price), confidence: toPrice(quote.confidence), time: BigInt(time) };
  }
}

/** Positions and skews as the outcomes leave them, and what else decides whether an order can be taken. */
class Book {
  widened = 0;
  readonly #recorded: Recorded;
  readonly #prices: Prices;
  readonly #skews = new Map<number, bigint>();
  /** By market and account: the sizes and from when they are held. */
  readonly #sizes = new Map<string, { from: number; size: bigint }[]>();
  /** By account: from when to when orders pend, and where. */
  readonly #pending = new Map<string, { from: number; to: number; market: number }[]>();

  constructor(recorded: Recorded, prices: Prices) {
    [this.#recorded, this.#prices] = [recorded, prices];
    const { outcomes, blockTime } = recorded;
    for (const { account, market, committedAt, settledAt } of outcomes) {
      // From the block in whose view it was sent.
      append(this.#pending, account, { from: committedAt - blockTime, to: settledAt, market });
    }
  }

  /** Goes on by one outcome. @returns What is wrong with it. */
  take(outcome: Outcome, told: Told | null): string[] {
    const { market, account, committedAt, settledAt, result } = outcome;
    const settlement = this.#prices.settlement(market, committedAt);
    if (!settlement) return [`settled without a price in the window of ${committedAt}`];
    const { time } = settlement;
    if (result.status === 'expired') {
      const refused = this.#isRefused(outcome, settlement.price);
      return refused ? [] : [`expired, though the price of ${time} settles it`];
    }
    const met = told === null || this.#prices.holds(told, time);
    if (result.status === 'released') return met ? [`released at the price of ${time}, which meets its trigger`] : [];
    const wrong = met ? [] : [`${result.status} at the price of ${time}, which does not meet its trigger`];
    const size = this.#sizeAt(market, account, settledAt);
    const asked = told ? this.#tradeOf(told, size, settledAt) : null;
    if (result.status === 'failed') {
      const why = told && this.#isComputed(told, { size, asked: asked ?? 0n }, outcome, settlement.price);
      return why === true
        ? wrong
        : [...wrong, `failed at the price of ${time} by ${result.reason}, which is not computed`];
    }
    if (result.status !== 'filled') return wrong;
    const { sizeDelta, cost } = result;
    if (told && sizeDelta !== asked && !this.#onlyCloses(outcome, size, asked ?? 0n, sizeDelta))
      wrong.push(`traded ${sizeDelta} instead of ${asked}`);
    if (told && cost > told.limitPrice * sizeDelta) wrong.push(`cost ${cost}, beyond its limit of ${told.limitPrice}`);
    const { normal, wide } = this.#costs(market, sizeDelta, settlement.price, settledAt);
    if (cost === wide && wide !== normal) this.widened++;
    if (cost !== normal && cost !== wide) wrong.push(`cost ${cost} instead of ${normal} or ${wide}`);
    this.#skews.set(market, (this.#skews.get(market) ?? 0n) + sizeDelta);
    append(this.#sizes, `${market} ${account}`, { from: settledAt, size: size + sizeDelta });
    return wrong;
  }

  /** Whether a trade is that part of one which closes, while the oracle permits no opening. */
  #onlyCloses({ market, committedAt, settledAt }: Outcome, size: bigint, asked: bigint, sizeDelta: bigint): boolean {
    if (sizeDelta === 0n || sizeDelta !== TradeMath.closingPart(size, asked)) return false;
    return this.#statesOf(market, committedAt, settledAt).some((state) => state > PriceState.Strained);
  }

  /** What an order trades of a position; zero where nothing is left for it. */
  #tradeOf(told: Told, size: bigint, time: number): bigint {
    const asked = told.attached ? OrderWords.partOf(size, told.sizeDelta) : told.sizeDelta;
    if (told.attached && !this.isAttached(told, time)) return 0n;
    return told.reduceOnly ? TradeMath.closingPart(size, asked) : asked;
  }

  /** Whether the position that an order is attached to has lived on since it was placed. */
  isAttached({ market, account, placedAt }: Told, time: number): boolean {
    const first = this.#sizeAt(market, account, placedAt);
    const sizes = (this.#sizes.get(`${market} ${account}`) ?? []).filter(({ from }) => from > placedAt && from <= time);
    return first !== 0n && sizes.every(({ size }) => size !== 0n && size > 0n === first > 0n);
  }

  /** Whether a settlement is refused at its price: by Chainlink's round of that time, or by what the oracle remembers. */
  #isRefused({ market, committedAt, settledAt }: Outcome, price: PriceMath.Quote): boolean {
    const { blocks, markets } = this.#recorded;
    const anchors = blocks.map(({ markets }) => markets[market]?.anchor);
    const anchor = anchors.findLast((one) => one !== undefined && one.time <= price.time);
    const facts = markets[market];
    if (anchor && facts && PriceMath.classify(price, anchor, facts) === 'Halted') return true;
    return this.#statesOf(market, committedAt, settledAt).every((state) => state > PriceState.Guarded);
  }

  /** Whether a failure follows from prices, positions and the oracle's states. */
  #isComputed(
    told: Told,
    { size, asked }: { size: bigint; asked: bigint },
    { result, committedAt, settledAt }: Outcome,
    price: PriceMath.Quote,
  ): boolean {
    if (result.status !== 'failed') return false;
    switch (result.reason) {
      case 'PositionEnded':
        return told.attached && asked === 0n;
      case 'NothingToReduce':
        return told.reduceOnly && asked === 0n;
      case 'Dust': {
        const left = size + asked;
        const opens = asked !== TradeMath.closingPart(size, asked);
        return opens && (left < 0n ? -left : left) * price.value < TradeMath.MIN_NOTIONAL;
      }
      case 'LimitExceeded': {
        const { wide } = this.#costs(told.market, asked, price, settledAt);
        return wide > told.limitPrice * asked;
      }
      case 'OpeningPaused':
        return this.#statesOf(told.market, committedAt, settledAt).some((state) => state > PriceState.Strained);
      default:
        return false;
    }
  }

  /** What a trade costs where both sources agree, and where they have come apart; the same where they had not. */
  #costs(market: number, sizeDelta: bigint, price: PriceMath.Quote, settledAt: number) {
    const { blocks, markets } = this.#recorded;
    const facts = markets[market] as Recorded['markets'][number];
    const skew = this.#skews.get(market) ?? 0n;
    const flat = FillMath.cost(price.value, skew, sizeDelta, facts.skewScale);
    const size = sizeDelta < 0n ? -sizeDelta : sizeDelta;
    const costAt = (anchor: PriceMath.Quote, state: string) => {
      const { lo, hi } = PriceMath.band(price, anchor, { state, thresholdPpm: facts.thresholdPpm, spanning: false });
      return flat + (sizeDelta > 0n ? hi - price.value : price.value - lo) * size;
    };
    // Within a block what Chainlink writes comes last.
    const seen = blocks.filter(({ time }) => time < settledAt).map(({ markets }) => markets[market]?.anchor);
    const anchor = seen.findLast((one) => one !== undefined && one.time <= price.time);
    const normal = costAt(anchor ?? price, 'Normal');
    if (!anchor) return { normal, wide: normal };
    const apart =
      PriceMath.classify(price, anchor, facts) !== 'Normal' ||
      this.#statesOf(market, Number(price.time), settledAt).some((state) => state !== PriceState.Normal);
    return { normal, wide: apart ? costAt(anchor, 'Strained') : normal };
  }

  /** The oracle's states from the last block before a stretch to its end. */
  #statesOf(market: number, from: number, to: number): number[] {
    const { blocks, blockTime } = this.#recorded;
    const around = blocks.filter(({ time }) => time > from - blockTime && time <= to);
    return around.map(({ markets }) => markets[market]?.state ?? PriceState.Halted);
  }

  /**
   * The oracle's state after a block, or that of what is pushed then by Chainlink's round of that time, whichever is worse: a
   * halted push leaves the index behind though the round after it agrees again, and a breaker guards prices before one is
   * stored.
   */
  #stateOf(block: number, market: number): number {
    const { blocks, markets } = this.#recorded;
    const { time, markets: views } = blocks[block] ?? { time: 0, markets: [] };
    const [view, facts] = [views[market], markets[market]];
    const quote = this.#prices.quote(market, time);
    if (!view || !facts || !quote) return PriceState.Halted;
    if (view.anchor.value === 0n) return view.state;
    const guarded = time >= view.breaker.from && time < view.breaker.until;
    const least = guarded ? Math.max(view.state, PriceState.Guarded) : view.state;
    return Math.max(least, PriceState[PriceMath.classify(quote, view.anchor, facts)]);
  }

  #sizeAt(market: number, account: string, time: number): bigint {
    return this.#sizes.get(`${market} ${account}`)?.findLast(({ from }) => from <= time)?.size ?? 0n;
  }

  /**
   * Looks at each second of an order's life whether it ought to be on its way.
   * @returns From when its trigger held for so long without an outcome; and from when it held until the outcome.
   */
  follow(told: Told, end: Outcome | undefined, holds: number): { missedAt?: number; heldFrom?: number } {
    const { to, blocks, blockTime } = this.#recorded;
    const last = Math.min(to, told.deadline ?? to, (told.cancelledAt ?? to + blockTime) - blockTime);
    const pricedAt = end ? this.#prices.settlement(told.market, end.committedAt)?.time : undefined;
    let heldFrom: number | undefined;
    let block = 0;
    for (let time = told.placedAt; time <= last; time++) {
      while ((blocks[block + 1]?.time ?? Number.POSITIVE_INFINITY) <= time) block++;
      if (time === pricedAt) return { ...(heldFrom !== undefined && { heldFrom }) };
      const state = this.#stateOf(block, told.market);
      if (!this.#prices.holds(told, time) || !this.#isTaken(told, time, state)) heldFrom = undefined;
      else heldFrom ??= time;
      if (heldFrom !== undefined && time - heldFrom >= holds) return { missedAt: heldFrom, heldFrom };
    }
    return {};
  }

  /** Whether an order's account and market can take it at a time. */
  #isTaken(told: Told, time: number, state: number): boolean {
    const { market, account } = told;
    const pending = (this.#pending.get(account) ?? []).filter(({ from, to }) => from <= time && time < to);
    if (pending.some((one) => one.market !== market) || pending.length >= MAX_PENDING) return false;
    const size = this.#sizeAt(market, account, time);
    const asked = this.#tradeOf(told, size, time);
    if (asked === 0n) return false;
    return state <= (TradeMath.closingPart(size, asked) !== 0n ? PriceState.Guarded : PriceState.Strained);
  }
}

function append<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key);
  if (list) list.push(item);
  else lists.set(key, [item]);
}
