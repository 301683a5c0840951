import {
  type Account,
  FixedPoint,
  FundingMath,
  LiquidationMath,
  MarketFlags,
  ParameterRamp,
  type Position,
  type Price,
  PriceMath,
} from '@tidemark/sdk';
import { type Hex, numberToHex } from 'viem';
import { generator } from '../../devnet/src/random.ts';
import { marketOf } from '../../lab/market.ts';
import type { Band, Due } from '../src/health/healthIndex.ts';
import type { AccountSnapshot } from '../src/snapshot.ts';
import { judgedMarkets, type Stored, weighPlainly } from './plainHealth.ts';
import { MARKETS, type Prices, SYMBOLS, TICK_SECONDS } from './prices.ts';

const { WAD } = FixedPoint;
/** 8 decimals to 18. */
const SCALE = 10n ** 10n;
const START = 1_700_000_000n;
/** The market whose parameters are on their way all the time, from one end to the other and back. */
const RAMPED = 3;
const RAMP_SECONDS = 86_400n;
/** Of the accounts, between two ticks: what trades. */
const TRADING = 0.005;
/** Of those that are due: what is topped up instead of being liquidated. */
const SAVED = 0.25;
/** Accounts that are set to maintenance itself, or one unit beside it, at the next tick. */
const EDGES = 20;
const MAX_POSITIONS = 5;

/** What changes between two ticks. */
export interface Changes {
  readonly markets: ReadonlyMap<number, Stored>;
  readonly accounts: readonly AccountSnapshot[];
  readonly deleted: readonly Hex[];
}

/** What is asked at a tick. */
export interface Tick {
  readonly bands: ReadonlyMap<number, Band>;
  readonly now: bigint;
}

const NOBODY: Account = {
  margin: 0n,
  committedAt: 0n,
  markets: 0n,
  moments: 0n,
  purge: 63n,
  market: 0n,
  pending: 0n,
  volume: 0n,
};

/**
 * Traders in a crash, the same for the same seed: they open, change and close positions and add margin; who is due is
 * liquidated by the engine's own calculation, or saved; newcomers take the places of those who are out.
 */
export class Scenario {
  readonly markets = new Map<number, Stored>();
  readonly #uniform: () => number;
  readonly #ids: Hex[] = [];
  #born = 0;
  #tick = 0;

  constructor(
    readonly prices: Prices,
    readonly accounts: number,
    seed: number,
  ) {
    this.#uniform = generator(seed);
    for (let id = 0; id < MARKETS; id++) {
      const config = { ...marketOf(SYMBOLS[id] ?? '').config, flags: MarketFlags.Listed };
      const index = this.priceOf(id).mid;
      const times = { accruedAt: START, indexAt: START };
      const rates = { fundingRate: 0n, cash: 0n, skewSeconds: 0n };
      this.markets.set(id, { market: { longs: 0n, shorts: 0n, ...times, funding: 0n, index, ...rates }, config });
    }
  }

  get now(): bigint {
    return START + BigInt(this.#tick * TICK_SECONDS);
  }

  get tick(): Tick {
    const bands = new Map([...this.markets.keys()].map((id) => [id, this.priceOf(id)]));
    return { bands, now: this.now };
  }

  /** All that there is before the first tick. */
  begin(): Changes {
    const accounts = Array.from({ length: this.accounts }, () => this.#newcomer());
    for (const { id } of accounts) this.#ids.push(id);
    return { markets: this.markets, accounts, deleted: [] };
  }

  /**
   * Goes on to the next tick.
   * @param due What was due at the last one.
   * @param get The accounts as they are.
   */
  advance(due: readonly Due[], get: (id: Hex) => AccountSnapshot | undefined): Changes {
    for (const [id, { market, config }] of this.markets) {
      const accrued = { ...market };
      FundingMath.accrue(accrued, config, this.now);
      // Each is pushed by every third tick.
      if ((this.#tick + id) % 3 === 0) Object.assign(accrued, { index: this.priceOf(id).mid, indexAt: this.now });
      this.markets.set(id, { market: accrued, config });
    }
    this.#ramp();
    const changed = new Map<Hex, AccountSnapshot>();
    const deleted: Hex[] = [];
    for (const { id, shortfall } of due) {
      const account = get(id);
      if (!account) continue;
      if (this.#uniform() < SAVED) changed.set(id, withMargin(account, account.account.margin + 2n * shortfall));
      else this.#liquidate(account, changed, deleted);
    }
    for (let n = 0; n < this.accounts * TRADING; n++) {
      const id = this.#pick(this.#ids);
      const account = changed.get(id) ?? get(id);
      if (account) changed.set(id, this.#trade(account));
    }
    this.#tick++;
    const judged = judgedMarkets(this.markets, this.tick.bands, this.now);
    for (let n = 0; n < EDGES; n++) {
      const id = this.#pick(this.#ids);
      const account = changed.get(id) ?? get(id);
      const weighed = account && weighPlainly(account, judged);
      if (!weighed) continue;
      const [[market, position]] = account.positions as unknown as [[number, Position]];
      const cash = position.cash + weighed.maintenance - weighed.equity + BigInt((n % 3) - 1);
      changed.set(id, { ...account, positions: new Map([...account.positions, [market, { ...position, cash }]]) });
    }
    return { markets: this.markets, accounts: [...changed.values()], deleted };
  }

  priceOf(id: number): Price {
    const { price, confidence } = this.prices.quoteOf(id, this.#tick);
    const quote = { value: price * SCALE, confidence: confidence * SCALE, time: this.now };
    const sides = PriceMath.band(quote, quote, { state: 'Normal', thresholdPpm: 0n, spanning: false });
    const halfWidth = PriceMath.halfWidth(quote);
    return { mid: quote.value, ...sides, halfWidth, publishTime: this.now, state: 0 };
  }

  /** There and back again. */
  #ramp(): void {
    const { market } = this.markets.get(RAMPED) as Stored;
    const { config: from } = marketOf(SYMBOLS[RAMPED] ?? '');
    const to = { ...from, initialMarginBps: from.initialMarginBps * 2n, marginSlopeBps: from.marginSlopeBps * 2n };
    const ramp = { from, to, startedAt: 0n, endsAt: RAMP_SECONDS, keeperFeeCents: 0n };
    const elapsed = (BigInt(this.#tick) * 200n) % (2n * RAMP_SECONDS);
    const { config } = ParameterRamp.dueAt(ramp, elapsed < RAMP_SECONDS ? elapsed : 2n * RAMP_SECONDS - elapsed);
    this.markets.set(RAMPED, { market, config: { ...config, flags: MarketFlags.Listed } });
  }

  #pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.#uniform() * list.length)] as T;
  }

  #newcomer(): AccountSnapshot {
    const id = numberToHex(++this.#born, { size: 32 });
    let account: AccountSnapshot = {
      id,
      account: NOBODY,
      positions: new Map(),
      claim: this.#uniform() < 0.02 ? BigInt(Math.floor(this.#uniform() * 1e6)) * (WAD / 1000n) : 0n,
      collectable: false,
      flaggedAt: 0n,
    };
    const count = 1 + Math.floor(this.#uniform() * MAX_POSITIONS);
    for (let n = 0; n < count; n++) account = this.#open(account);
    return account;
  }

  /** A position, or more of one, with a margin of a fifteenth to two thirds of it. */
  #open(account: AccountSnapshot): AccountSnapshot {
    let id = Math.floor(this.#uniform() * MARKETS);
    if (account.positions.size >= MAX_POSITIONS && !account.positions.has(id))
      id = this.#pick([...account.positions.keys()]);
    const { market } = this.markets.get(id) as Stored;
    const notional = 10 ** (1.7 + 3.8 * this.#uniform());
    const leverage = 1.5 * 10 ** this.#uniform();
    const { mid } = this.priceOf(id);
    const units = BigInt(Math.floor(notional * 1e6)) * 10n ** 24n;
    const size = (units / mid) * (this.#uniform() < 0.65 ? 1n : -1n);
    const old = account.positions.get(id) ?? { size: 0n, cash: 0n, checkpoint: 0n, generation: 0n };
    const margin = account.account.margin + (BigInt(Math.floor((notional / leverage) * 1e6)) * WAD) / 1_000_000n;
    this.#interest(id, old.size, old.size + size);
    const position = { ...old, size: old.size + size, cash: old.cash - size * (mid - market.funding) };
    return withPosition(withMargin(account, margin), id, position);
  }

  #trade(account: AccountSnapshot): AccountSnapshot {
    const kind = this.#uniform();
    if (kind < 0.4 || account.positions.size === 0) return this.#open(account);
    if (kind < 0.6)
      return withMargin(account, account.account.margin + BigInt(Math.floor(this.#uniform() * 1e9)) * 10n ** 12n);
    const id = this.#pick([...account.positions.keys()]);
    const position = account.positions.get(id) as Position;
    const { market } = this.markets.get(id) as Stored;
    const whole = kind < 0.8 && account.positions.size > 1;
    const closing = whole ? position.size : position.size / 2n;
    const left = position.size - closing;
    this.#interest(id, position.size, left);
    const cash = position.cash + closing * (this.priceOf(id).mid - market.funding);
    if (!whole) return withPosition(account, id, { ...position, size: left, cash });
    const margin = account.account.margin + FixedPoint.divFloor(cash, FixedPoint.RAW_PER_WAD);
    return withMargin(withPosition(account, id, undefined), margin > 0n ? margin : 0n);
  }

  #liquidate(account: AccountSnapshot, changed: Map<Hex, AccountSnapshot>, deleted: Hex[]): void {
    const holdings = [...account.positions].map(([id, position]) => {
      const { market, config } = this.markets.get(id) as Stored;
      const capacity = LiquidationMath.meter(NO_RISK, config, this.now).capacity;
      const parts = { market: { ...market }, config, position: { ...position }, price: this.priceOf(id) };
      return LiquidationMath.holdingOf(BigInt(id), { ...parts, room: capacity, capacity });
    });
    const { margin } = LiquidationMath.liquidate(holdings, account.account.margin, account.claim);
    let left = withMargin(account, margin);
    for (const { id, position } of holdings) {
      const market = Number(id);
      this.#interest(market, account.positions.get(market)?.size ?? 0n, position.size);
      left = withPosition(left, market, position.size === 0n ? undefined : position);
    }
    if (left.positions.size > 0) {
      changed.set(left.id, left);
      return;
    }
    deleted.push(left.id);
    const newcomer = this.#newcomer();
    changed.set(newcomer.id, newcomer);
    this.#ids[this.#ids.indexOf(left.id)] = newcomer.id;
  }

  /** Open interest as a position changes. */
  #interest(id: number, before: bigint, after: bigint): void {
    const { market, config } = this.markets.get(id) as Stored;
    const longs = market.longs + FixedPoint.max(after, 0n) - FixedPoint.max(before, 0n);
    const shorts = market.shorts + FixedPoint.max(-after, 0n) - FixedPoint.max(-before, 0n);
    this.markets.set(id, { market: { ...market, longs, shorts }, config });
  }
}

const NO_RISK = { insuranceSpent: 0n, insuranceHour: 0n, metered: 0n, meteredAt: 0n };

const withMargin = (account: AccountSnapshot, margin: bigint): AccountSnapshot => ({
  ...account,
  account: { ...account.account, margin },
});

function withPosition(account: AccountSnapshot, id: number, position: Position | undefined): AccountSnapshot {
  const positions = new Map(account.positions);
  if (position) positions.set(id, position);
  else positions.delete(id);
  return { ...account, positions, account: { ...account.account, markets: bitsOf(positions.keys()) } };
}

const bitsOf = (ids: Iterable<number>) => [...ids].reduce((all, id) => all | (1n << BigInt(id)), 0n);
