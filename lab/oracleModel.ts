import type { Round } from '../devnet/src/feeds/chainlinkFeed.ts';
import type { Quote as Published } from '../devnet/src/prices/source.ts';
import { PRICE_STATES } from '../sdk/src/errors/index.ts';
import { type History, type Price, PriceHistory, PriceMath, PriceState, type Quote } from '../sdk/src/math/index.ts';

// One market of PriceOracle.sol as plain data, on a chain whose sequencer is up: what it observes, what it remembers and
// at which price it lets accounts be liquidated. `npm run replay` holds it to the contract's bytecode.

/** What is registered of a feed. */
export interface FeedRules extends PriceMath.FeedBounds {
  /** Seconds. */
  heartbeat: bigint;
  /** Credible prices, USD, 18 decimals. */
  floor: bigint;
  ceiling: bigint;
}

/** What both sources say: Pyth's stored price and Chainlink's newest round. */
export interface Said {
  readonly quote: Published | undefined;
  readonly round: Round | undefined;
}

/** What the contract's `Standing` says. Seconds; zero for none. */
interface Standing {
  doubtedAt: bigint;
  haltedAt: bigint;
  breakerFrom: bigint;
  breakerUntil: bigint;
}

/** What counts as agreement while a market is halted. The contract asks for {@link WITHIN_BOUND}. */
export interface WayOut {
  readonly name: string;
  /** The sources' deviation is at most D2 over this, */
  readonly haltDivisor: bigint;
  /** and the state no worse than this. */
  readonly mostState: number;
}

/** As PriceOracle.sol has it. */
export const WITHIN_BOUND: WayOut = {
  name: 'three within D2, as it is',
  haltDivisor: 1n,
  mostState: PriceState.Guarded,
};

/** Why a liquidation has no price. */
export type Unserved = 'PriceUseRefused' | 'PriceTooOld' | 'PriceInvalid';

const SILENCE = 300n;
const CONFIRMATION = 20n;
const RECOVERY = 3;
const RECOVERY_SPACING = 30n;
const BREAKER_FAST_PPM = 100_000n;
const BREAKER_FAST = 60n;
const BREAKER_SLOW_PPM = 200_000n;
const BREAKER_SLOW = 300n;
const BREAKER_PAUSE = 300n;
const MAX_OBSERVED_AGE = 60n;
const LIQUIDATION_AGE = 15n;
/** 8 decimals to 18. */
const SCALE = 10n ** 10n;

const NONE: Quote = { value: 0n, confidence: 0n, time: 0n };
const NO_PRICE: Price = { mid: 0n, lo: 0n, hi: 0n, halfWidth: 0n, publishTime: 0n, state: PriceState.Halted };
const nothing = (): Standing => ({ doubtedAt: 0n, haltedAt: 0n, breakerFrom: 0n, breakerUntil: 0n });

/** A market's oracle. */
export class OracleModel {
  private readonly standing = nothing();
  private history: History = PriceHistory.emptyHistory();
  private normals = 0;
  private normalAt = 0n;

  /** @param wayOut Another than the contract's is for experiments. */
  constructor(
    private readonly rules: FeedRules,
    private readonly wayOut = WITHIN_BOUND,
  ) {}

  /**
   * @returns The price as it was judged, and whether it halted the market for good; no price, in Halted, where nothing is
   * noted: the stored one is too old to be observed, and Pyth is not yet silent.
   */
  observe({ quote: published, round }: Said, now: bigint): { price: Price; halted: boolean } {
    const publishedAt = BigInt(published?.publishTime ?? 0);
    const young = published && now <= publishedAt + MAX_OBSERVED_AGE;
    if (!young && !this.isSilent(publishedAt, now)) return { price: NO_PRICE, halted: false };
    const quote = young ? this.quoteOf(published) : NONE;
    const anchor = this.anchorOf(round, now);
    const { state, deviates } = this.stateOf(quote, anchor, this.standing, now);
    const price = this.compose(quote, anchor, state, false, now);
    let halted = false;
    if (this.standing.haltedAt !== 0n) this.recover(quote, anchor, now);
    else if (quote.value !== 0n) halted = this.doubt(quote.time, deviates);
    if (state <= PriceState.Guarded) this.record(quote, now);
    return { price, halted };
  }

  /** The price at which accounts may be liquidated now, or why there is none. */
  liquidationPrice({ quote: published, round }: Said, now: bigint): Price | Unserved {
    const anchor = this.anchorOf(round, now);
    const publishedAt = BigInt(published?.publishTime ?? 0);
    const present = published && now - publishedAt <= LIQUIDATION_AGE;
    if (!present && !this.isSilent(publishedAt, now)) return 'PriceTooOld';
    const quote = present ? this.quoteOf(published) : NONE;
    if (present && quote.time === 0n) return 'PriceInvalid';
    const { state } = this.stateOf(quote, anchor, this.standing, now);
    if (state > PriceState.Single) return 'PriceUseRefused';
    const price = this.compose(quote, anchor, state, true, now);
    // Chainlink's price is older and stands all the same.
    return quote.value === 0n ? { ...price, publishTime: now } : price;
  }

  /** Without value when it is not credible. */
  private quoteOf({ price, confidence, publishTime }: Published): Quote {
    const quote = this.bounded({
      value: price * SCALE,
      confidence: confidence * SCALE,
      time: BigInt(publishTime),
    });
    const wide = quote.value !== 0n && PriceMath.confidencePpm(quote) > PriceMath.MAX_CONFIDENCE_PPM;
    return price <= 0n || confidence === 0n || wide ? NONE : quote;
  }

  private anchorOf(round: Round | undefined, now: bigint): Quote {
    if (!round || round.answer <= 0n) return NONE;
    const time = BigInt(round.updatedAt);
    if (now - time > (this.rules.heartbeat * 11n) / 10n) return NONE;
    return this.bounded({ value: round.answer * SCALE, confidence: 0n, time });
  }

  private bounded(quote: Quote): Quote {
    const within = quote.value >= this.rules.floor && quote.value <= this.rules.ceiling;
    return within ? quote : { ...quote, value: 0n };
  }

  private isSilent(publishedAt: bigint, now: bigint): boolean {
    const newestAt = this.history.observations.at(-1)?.time ?? 0n;
    return now > (publishedAt > newestAt ? publishedAt : newestAt) + SILENCE;
  }

  /** @returns The state, and whether the sources' deviation is what halts. */
  private stateOf(
    quote: Quote,
    anchor: Quote,
    standing: Standing,
    now: bigint,
    rules: FeedRules = this.rules,
  ): { state: number; deviates: boolean } {
    const found = (state: number, deviates = false) => ({ state, deviates });
    const halted = standing.haltedAt !== 0n && (quote.value === 0n || quote.time >= standing.haltedAt);
    if (halted) return found(PriceState.Halted, true);
    const outside = [quote, anchor].some(({ value, time }) => value === 0n && time !== 0n);
    if (outside) return found(PriceState.Halted);
    if (quote.value === 0n || anchor.value === 0n) return found(this.stateOfOne(quote.value || anchor.value, now));
    const agreement = PriceMath.classify(quote, anchor, rules);
    if (agreement === 'Halted') return found(PriceState.Halted, true);
    const fast = quote.time >= standing.breakerFrom && quote.time < standing.breakerUntil;
    return found(PriceState[fast ? 'Guarded' : agreement]);
  }

  private stateOfOne(value: bigint, now: bigint): number {
    const mean = PriceHistory.meanAt(this.history, now);
    if (value === 0n) return mean === 0n ? PriceState.Halted : PriceState.Fallback;
    const far =
      mean !== 0n &&
      PriceMath.deviationPpm({ ...NONE, value }, { ...NONE, value: mean }, 0n) > PriceMath.MAX_FROM_MEAN_PPM;
    return far ? PriceState.Halted : PriceState.Single;
  }

  private compose(given: Quote, round: Quote, state: number, spanning: boolean, now: bigint): Price {
    const [quote, anchor] = given.value === 0n ? [round, NONE] : [given, round];
    if (quote.value !== 0n) {
      const name = PRICE_STATES[state] ?? 'Halted';
      const { thresholdPpm } = this.rules;
      const band = PriceMath.band(quote, anchor, { state: name, thresholdPpm, spanning });
      return { mid: quote.value, ...band, halfWidth: PriceMath.halfWidth(quote), publishTime: quote.time, state };
    }
    const none = { ...NO_PRICE, state };
    if (state !== PriceState.Fallback) return none;
    const mid = PriceHistory.meanAt(this.history, now);
    const deviation = PriceHistory.deviationAt(this.history, now);
    return { ...none, mid, ...PriceMath.fallbackBand(mid, this.history.lastGood, deviation) };
  }

  /** @returns Whether the market is halted by it. */
  private doubt(time: bigint, contradicted: boolean): boolean {
    const { standing } = this;
    if (!contradicted) {
      if (time > standing.doubtedAt) standing.doubtedAt = 0n;
    } else if (standing.doubtedAt === 0n) {
      standing.doubtedAt = time;
    } else if (time >= standing.doubtedAt + CONFIRMATION) {
      Object.assign(standing, { haltedAt: time, doubtedAt: 0n });
      this.normals = 0;
      return true;
    }
    return false;
  }

  private recover(quote: Quote, anchor: Quote, now: bigint): void {
    const { haltDivisor, mostState } = this.wayOut;
    const rules = { ...this.rules, haltPpm: this.rules.haltPpm / haltDivisor };
    if (this.stateOf(quote, anchor, nothing(), now, rules).state > mostState) {
      this.normals = 0;
    } else if (this.normals === 0 || now >= this.normalAt + RECOVERY_SPACING) {
      this.normals++;
      this.normalAt = now;
      if (this.normals < RECOVERY) return;
      this.standing.haltedAt = 0n;
      this.normals = 0;
    }
  }

  private record({ value, time }: Quote, now: bigint): void {
    const { standing, history } = this;
    const fast =
      PriceHistory.changeSince(history, value, now - BREAKER_FAST) >= BREAKER_FAST_PPM ||
      PriceHistory.changeSince(history, value, now - BREAKER_SLOW) >= BREAKER_SLOW_PPM;
    if (fast) {
      const until = time + BREAKER_PAUSE;
      if (time >= standing.breakerUntil) standing.breakerFrom = time;
      if (until > standing.breakerUntil) standing.breakerUntil = until;
    }
    if (PriceHistory.isDue(history, now)) this.history = PriceHistory.record(history, value, now);
  }
}
