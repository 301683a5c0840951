import {
  FixedPoint,
  LiquidationMath,
  MarginMath,
  type Market,
  type MarketConfig,
  type Position,
  type Price,
} from '../sdk/src/math/index.ts';

const WAD = 10n ** 18n;
/** USD of each account. */
const MARGIN = 1000n * WAD;
/** A market without positions. */
const EMPTY: Market = {
  longs: 0n,
  shorts: 0n,
  accruedAt: 0n,
  indexAt: 0n,
  funding: 0n,
  index: 0n,
  fundingRate: 0n,
  cash: 0n,
  skewSeconds: 0n,
};
/** Tenths of the margin. */
export const LEVERAGES = [20n, 30n, 50n, 70n, 80n, 90n, 98n] as const;
export type Side = 'long' | 'short';

/** An account with one position. */
export interface Account {
  readonly openedAt: number;
  readonly side: Side;
  /** Tenths. */
  readonly leverage: bigint;
  margin: bigint;
  position: Position;
  /** Whether the initial margin would not have let it open. */
  readonly refused: boolean;
  /** The index nearest to the entry at which it is due; USD, 18 decimals. */
  dueAt: bigint;
  liquidated: boolean;
}

/** A liquidation, and at which prices of a source the account was healthy before it: there should be none. */
export interface Liquidated {
  /** As the account was. */
  readonly before: Account;
  /** Seconds. */
  readonly at: number;
  readonly healthyAt: readonly string[];
  /** What was closed at the middle of the band, the penalty and the bad debt: USD, 18 decimals. */
  readonly notional: bigint;
  readonly penalty: bigint;
  readonly badDebt: bigint;
}

/** Accounts of both sides at many leverages, and the exchange's own rule of liquidating them. */
export class Ladder {
  readonly accounts: Account[] = [];
  private open: Account[] = [];
  private readonly market: Market = { ...EMPTY };
  private highestLong = 0n;
  private lowestShort: bigint | undefined;

  /** @param alone Whether each account is liquidated in a balanced market of its own, so that none bears another's skew. */
  constructor(
    private readonly config: MarketConfig,
    private readonly alone = false,
  ) {}

  /** Opens an account of each side and leverage at a price. @param now Seconds. */
  enter(price: bigint, now: number): void {
    for (const side of ['long', 'short'] as const)
      for (const leverage of LEVERAGES) {
        const size = (MARGIN * leverage * 10n ** 12n) / (10n * price);
        const signed = side === 'long' ? size : -size;
        const position = { size: signed, cash: -signed * price, checkpoint: 0n, generation: 0n };
        const refused = this.isRefused(position, price);
        const opened = { openedAt: now, side, leverage, margin: MARGIN, position };
        const account: Account = { ...opened, refused, dueAt: 0n, liquidated: false };
        this.accounts.push(account);
        this.open.push(account);
        this.market[side === 'long' ? 'longs' : 'shorts'] += size;
        this.market.cash += position.cash;
        account.dueAt = this.dueAt(account);
      }
    this.note();
  }

  /** Whether an account may be due at a band; one that spans more spares more. */
  mayBeDue({ lo, hi }: Price): boolean {
    return hi <= this.highestLong || (this.lowestShort !== undefined && lo >= this.lowestShort);
  }

  /**
   * Liquidates whoever is due at a price, as the contract does for a keeper who calls for all of them.
   * @param sources Prices of each source at which nobody may be healthy who is liquidated, by their names.
   */
  liquidate(price: Price, now: number, sources: Readonly<Record<string, bigint>>): Liquidated[] {
    const done: Liquidated[] = [];
    for (const account of this.open) {
      const favourable = account.side === 'long' ? price.hi : price.lo;
      if (account.side === 'long' ? favourable > account.dueAt : favourable < account.dueAt) continue;
      const { margin } = account;
      const before: Account = { ...account, position: { ...account.position } };
      const { config } = this;
      const size = FixedPoint.abs(account.position.size);
      const market = this.alone ? { ...EMPTY, longs: size, shorts: size, cash: account.position.cash } : this.market;
      // Accounts so small never wait for the market's meter.
      const parts = { market, config, position: account.position, price, room: 0n, capacity: 0n };
      // Nobody flags them.
      const strict = LiquidationMath.isStrict(price.state, 0n, BigInt(now));
      const holding = LiquidationMath.holdingOf(0n, parts);
      const result = LiquidationMath.liquidate([holding], margin, 0n, strict);
      if (!result.due) continue;
      account.margin = result.margin;
      account.liquidated = true;
      account.dueAt = account.position.size === 0n ? 0n : this.dueAt(account);
      const healthyAt = Object.keys(sources).filter((name) => this.isHealthy(before, sources[name] ?? 0n));
      const notional = FixedPoint.divUp(holding.closing * price.mid, FixedPoint.RAW_PER_WAD);
      done.push({ before, at: now, healthyAt, notional, penalty: result.penalty, badDebt: result.badDebt });
    }
    if (done.length > 0) {
      this.open = this.open.filter(({ position }) => position.size !== 0n);
      this.note();
    }
    return done;
  }

  /** Whether an account keeps its maintenance margin at an index. */
  isHealthy({ margin, position }: Account, index: bigint): boolean {
    const { market, config } = this;
    const flat = { mid: index, lo: index, hi: index, halfWidth: 0n, publishTime: 0n, state: 0 };
    const parts = { market, config, position, price: flat, room: 0n, capacity: 0n };
    const weights = LiquidationMath.weigh(LiquidationMath.holdingOf(0n, parts));
    const equity = weights.equity + MarginMath.equity(margin, MarginMath.emptyPortfolio());
    return LiquidationMath.verdict({ ...weights, equity }).excess >= 0n;
  }

  /** Whether an account that enters at an index has less than its initial margin. */
  private isRefused(position: Position, index: bigint): boolean {
    const sums = MarginMath.emptyPortfolio();
    MarginMath.add(sums, position, this.market, this.config, index);
    return MARGIN < MarginMath.initialRequirement(sums);
  }

  /** By halving: equity above maintenance moves with the price for a long, against it for a short. */
  private dueAt(account: Account): bigint {
    const long = account.side === 'long';
    const { size, cash } = account.position;
    const entry = -cash / size;
    let [due, healthy] = long ? [0n, 2n * entry] : [4n * entry, 0n];
    for (;;) {
      const middle = (due + healthy) / 2n;
      if (middle === due || middle === healthy) return due;
      if (this.isHealthy(account, middle)) healthy = middle;
      else due = middle;
    }
  }

  private note(): void {
    const longs = this.open.filter(({ side }) => side === 'long').map(({ dueAt }) => dueAt);
    const shorts = this.open.filter(({ side }) => side === 'short').map(({ dueAt }) => dueAt);
    this.highestLong = longs.reduce((most, one) => (one > most ? one : most), 0n);
    this.lowestShort = shorts.length === 0 ? undefined : shorts.reduce((least, one) => (one < least ? one : least));
  }
}
