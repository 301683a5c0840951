import {
  FillMath,
  FixedPoint,
  FundingMath,
  MarginMath,
  type Market,
  type MarketConfig,
  MarketFlags,
} from '@tidemark/sdk';
import type { Hex } from 'viem';
import type { AccountSnapshot } from '../snapshot.ts';

const { BPS, RAW_PER_WAD } = FixedPoint;

/** The lowest and the highest price that a market's sources support: USD per base unit, 18 decimals. */
export interface Band {
  readonly lo: bigint;
  readonly hi: bigint;
}

/**
 * An account below maintenance. USD, 18 decimals: `equity` with its claim, signed, rounded down; `maintenance` with the
 * reward in it, rounded up; `shortfall` the latter less the former, positive.
 */
export interface Due {
  readonly id: Hex;
  readonly equity: bigint;
  readonly maintenance: bigint;
  readonly shortfall: bigint;
}

/** A market that has a price, with its funding of the present. */
interface Priced {
  readonly market: Market;
  readonly config: MarketConfig;
  readonly band: Band;
}

/** Positions of an account that the columns hold: as many as the exchange lets it have. */
const WIDTH = Number(MarginMath.MAX_POSITIONS);
/** Two for each of the exchange's 64 markets: 2 · market, and one more for a short. */
const SIDES = 128;
/** USD, 30 decimals. */
const REWARD_MIN = Number(MarginMath.REWARD_MIN * RAW_PER_WAD);
const REWARD_MAX = Number(MarginMath.REWARD_MAX * RAW_PER_WAD);
const REWARD_DIVISOR = Number(BPS / MarginMath.REWARD_BPS);

/**
 * Bound of the relative error of an excess in floating point, of the sum of its terms' magnitudes: 256 u, u = 2^-53.
 *
 * All is in the ledger's own units, USD of 30 decimals, so that nothing is scaled and nothing under- or overflows. An
 * excess is the exact c + Σ s · d − Σ m − b of an account: c its margin, claim and cash, s a size, d price less funding,
 * m maintenance, b the reward. To first order in u, each conversion, product, quotient and sum being off by u at most:
 *
 * - c is summed in integers and converted once: 1 u of |c|.
 * - s and d are converted (d subtracted in integers) and multiplied: 3 u of |s · d|.
 * - m is n · (MM + MM · β / (IM · S) · |s|), with notional n = |s| · p: 3 u of n, 1 u of MM, 3 u of the slope's factor, 1 u
 *   each of |s| and two products and one sum: 11 u of m at most. The ratio is rounded up to 18 decimals, which is
 *   10^-18 of n · MM / IM, and m ≥ n · MM · 10^-4 with MM and IM in basis points: 10^-14 / IM of m, so 91 u even for
 *   IM = 1.
 * - b is n summed over the account, divided and clamped, which makes no difference larger: 3 u + 8 u + 1 u of Σ n.
 * - Adding 2 · 8 + 2 terms one after the other: 18 u of all their magnitudes.
 *
 * That makes 120 u of |c| + Σ |s · d| + Σ m + b + Σ n. What m and b are rounded up by besides, less than 1 + MM / IM units of
 * 18 decimals a position and one an account, is 2 · 10^13 at most as MM ≤ IM, where there is a notional at all; b is 2 · 10^30
 * then, of which that is less than 1 u. The rest of the bound is more than terms in u² and reckoning the magnitudes in
 * floating point can add.
 */
const RELATIVE_ERROR = 2 ** -45;

/**
 * Which of many accounts are below maintenance, kept current account by account. One pass in floating point over flat
 * columns proves the healthy ones healthy; exact arithmetic judges the rest, and it alone says who is due.
 */
export class HealthIndex {
  readonly #slots = new Map<Hex, number>();
  /** By slot; undefined where an account was deleted. */
  readonly #snapshots: (AccountSnapshot | undefined)[] = [];
  readonly #free: number[] = [];
  readonly #markets = new Map<number, { readonly market: Market; readonly config: MarketConfig }>();
  /** By slot: margin, claim and the positions' cash, USD, 30 decimals; NaN, which proves nothing, of what has no columns. */
  #cash = new Float64Array(0);
  #counts = new Uint8Array(0);
  /** By slot, {@link WIDTH} each: signed size, base units, 12 decimals, and which of the {@link SIDES} it is on. */
  #sizes = new Float64Array(0);
  #sides = new Uint8Array(0);
  #uncertain = 0;

  /** How many accounts the last {@link due} could tell neither healthy nor due but by exact arithmetic. */
  get uncertain(): number {
    return this.#uncertain;
  }

  get size(): number {
    return this.#slots.size;
  }

  /** A market as it is stored, in the place of what was known of it. */
  setMarket(id: number, market: Market, config: MarketConfig): void {
    this.#markets.set(id, { market, config });
  }

  /** An account, in the place of what was known of it. It is kept, not copied: it must not change afterwards. */
  setAccount(account: AccountSnapshot): void {
    const slot = this.#slots.get(account.id) ?? this.#take(account.id);
    this.#snapshots[slot] = account;
    let cash = (account.account.margin + account.claim) * RAW_PER_WAD;
    let next = slot * WIDTH;
    let fits = account.positions.size <= WIDTH;
    for (const [market, position] of account.positions) {
      const side = 2 * market + (position.size > 0n ? 0 : 1);
      fits &&= side < SIDES;
      if (!fits) break;
      cash += position.cash;
      this.#sizes[next] = Number(position.size);
      this.#sides[next] = side;
      next++;
    }
    this.#cash[slot] = fits ? Number(cash) : Number.NaN;
    this.#counts[slot] = next - slot * WIDTH;
  }

  delete(id: Hex): void {
    const slot = this.#slots.get(id);
    if (slot === undefined) return;
    this.#slots.delete(id);
    this.#snapshots[slot] = undefined;
    this.#cash[slot] = 0;
    this.#counts[slot] = 0;
    this.#free.push(slot);
  }

  get(id: Hex): AccountSnapshot | undefined {
    const slot = this.#slots.get(id);
    return slot === undefined ? undefined : this.#snapshots[slot];
  }

  /** All accounts; those that are set or deleted meanwhile may be among them or not. */
  *accounts(): Iterable<AccountSnapshot> {
    for (const account of this.#snapshots) if (account) yield account;
  }

  /** Those with a position in a market. */
  *holders(market: number): Iterable<Hex> {
    for (const { id, positions } of this.accounts()) if (positions.has(market)) yield id;
  }

  /**
   * The accounts below maintenance, each market at the end of its band that favours the account; the largest shortfall
   * first, of equal ones the least id. Accounts with a position in a market that has no band or is settled are left out.
   * @param bands By market.
   * @param now Funding runs on until then, seconds.
   */
  due(bands: ReadonlyMap<number, Band>, now: bigint): Due[] {
    const priced = this.#price(bands, now);
    const { known, prices, differences, ratios, slopes } = columnsOf(priced);
    const [cashes, counts, sizes, sides] = [this.#cash, this.#counts, this.#sizes, this.#sides];
    const found: Due[] = [];
    this.#uncertain = 0;
    next: for (let slot = 0; slot < this.#snapshots.length; slot++) {
      const cash = cashes[slot] as number;
      const first = slot * WIDTH;
      const end = first + (counts[slot] as number);
      // No account, or one without positions.
      if (first === end && !Number.isNaN(cash)) continue;
      let excess = cash;
      let magnitude = Math.abs(cash);
      let notional = 0;
      for (let i = first; i < end; i++) {
        const side = sides[i] as number;
        if (known[side] === 0) continue next;
        const signed = sizes[i] as number;
        const size = Math.abs(signed);
        const worth = signed * (differences[side] as number);
        const own = size * (prices[side] as number);
        const maintenance = own * ((ratios[side] as number) + (slopes[side] as number) * size);
        excess += worth - maintenance;
        magnitude += Math.abs(worth) + maintenance;
        notional += own;
      }
      const reward = notional === 0 ? 0 : Math.min(Math.max(notional / REWARD_DIVISOR, REWARD_MIN), REWARD_MAX);
      excess -= reward;
      const error = (magnitude + notional + reward) * RELATIVE_ERROR;
      // Nothing is proved of what is not a number.
      if (excess > error) continue;
      if (!(excess < -error)) this.#uncertain++;
      const due = judge(this.#snapshots[slot] as AccountSnapshot, priced);
      if (due) found.push(due);
    }
    return found.sort(byShortfall);
  }

  /** A slot for a new account; the columns double when none is left. */
  #take(id: Hex): number {
    const slot = this.#free.pop() ?? this.#snapshots.length;
    this.#slots.set(id, slot);
    if (slot < this.#counts.length) return slot;
    const length = Math.max(64, 2 * slot);
    const grown = <T extends Float64Array | Uint8Array>(into: T, from: T): T => {
      into.set(from);
      return into;
    };
    this.#cash = grown(new Float64Array(length), this.#cash);
    this.#counts = grown(new Uint8Array(length), this.#counts);
    this.#sizes = grown(new Float64Array(length * WIDTH), this.#sizes);
    this.#sides = grown(new Uint8Array(length * WIDTH), this.#sides);
    return slot;
  }

  #price(bands: ReadonlyMap<number, Band>, now: bigint): Map<number, Priced> {
    const priced = new Map<number, Priced>();
    for (const [id, band] of bands) {
      const known = this.#markets.get(id);
      if (!known || (known.config.flags & MarketFlags.Settled) !== 0n) continue;
      const market = { ...known.market };
      FundingMath.accrue(market, known.config, now);
      priced.set(id, { market, config: known.config, band });
    }
    return priced;
  }
}

/** What the pass takes of each side of a market: price, price less funding, MM, and by how much that grows with the size. */
function columnsOf(priced: ReadonlyMap<number, Priced>) {
  const known = new Uint8Array(SIDES);
  const [prices, differences] = [new Float64Array(SIDES), new Float64Array(SIDES)];
  const [ratios, slopes] = [new Float64Array(SIDES), new Float64Array(SIDES)];
  for (const [id, { market, config, band }] of priced) {
    const ratio = Number(config.maintenanceMarginBps) / Number(BPS);
    const scale = Number(config.initialMarginBps * BPS) * Number(FillMath.skewScale(config));
    const slope = Number(config.marginSlopeBps * config.maintenanceMarginBps) / scale;
    for (const [side, price] of [band.hi, band.lo].entries()) {
      const at = 2 * id + side;
      known[at] = 1;
      // Rounding of less than nothing follows other rules: only exact arithmetic tells.
      prices[at] = price < 0n ? Number.NaN : Number(price);
      differences[at] = Number(price - market.funding);
      ratios[at] = ratio;
      slopes[at] = slope;
    }
  }
  return { known, prices, differences, ratios, slopes };
}

/** Exactly; undefined when the account is not due, or has a position in a market without a price. */
function judge({ id, account, claim, positions }: AccountSnapshot, priced: ReadonlyMap<number, Priced>) {
  const sums = MarginMath.emptyPortfolio();
  if (positions.size === 0) return undefined;
  for (const [market, position] of positions) {
    const at = priced.get(market);
    if (!at) return undefined;
    MarginMath.add(sums, position, at.market, at.config, position.size > 0n ? at.band.hi : at.band.lo);
  }
  const equity = FixedPoint.divFloor(MarginMath.equity(account.margin + claim, sums), RAW_PER_WAD);
  const maintenance = MarginMath.maintenanceRequirement(sums);
  // The same verdict as at 30 decimals: maintenance is a whole number of the equity's units.
  return equity < maintenance ? { id, equity, maintenance, shortfall: maintenance - equity } : undefined;
}

function byShortfall(a: Due, b: Due): number {
  if (a.shortfall !== b.shortfall) return a.shortfall > b.shortfall ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}
