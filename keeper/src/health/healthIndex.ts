import { FixedPoint, FundingMath, MarginMath, type Market, type MarketConfig } from '@tidemark/sdk';
import type { Hex } from 'viem';
import type { AccountSnapshot } from '../snapshot.ts';

/** Ends of what the oracle would judge a market by, USD per base unit, 18 decimals. */
export interface Band {
  readonly lo: bigint;
  readonly hi: bigint;
}

/** An account below maintenance. USD, 18 decimals; `equity` with the claim, rounded down; `shortfall` rounded up. */
export interface Due {
  readonly id: Hex;
  readonly equity: bigint;
  readonly maintenance: bigint;
  readonly shortfall: bigint;
}

/** The accounts with a position or a claim, and which of them are below maintenance. */
export class HealthIndex {
  readonly #markets = new Map<number, { market: Market; config: MarketConfig }>();
  readonly #accounts = new Map<Hex, AccountSnapshot>();
  readonly #holders = new Map<number, Set<Hex>>();

  /** Takes a market as it is stored, in place of what was known of it. */
  setMarket(id: number, market: Market, config: MarketConfig): void {
    this.#markets.set(id, { market, config });
  }

  /** Takes an account, in place of what was known of it. */
  setAccount(account: AccountSnapshot): void {
    this.delete(account.id);
    this.#accounts.set(account.id, account);
    for (const market of account.positions.keys()) {
      const holders = this.#holders.get(market);
      if (holders) holders.add(account.id);
      else this.#holders.set(market, new Set([account.id]));
    }
  }

  delete(id: Hex): void {
    for (const market of this.#accounts.get(id)?.positions.keys() ?? []) this.#holders.get(market)?.delete(id);
    this.#accounts.delete(id);
  }

  get(id: Hex): AccountSnapshot | undefined {
    return this.#accounts.get(id);
  }

  get size(): number {
    return this.#accounts.size;
  }

  accounts(): Iterable<AccountSnapshot> {
    return this.#accounts.values();
  }

  /** The accounts with a position in a market. */
  holders(market: number): Iterable<Hex> {
    return this.#holders.get(market) ?? [];
  }

  /**
   * The accounts below maintenance with each market at the end of its band that favours the account, funding accrued and the
   * claim counted; largest shortfall first. Those with a position in a market without a band are left out.
   * @param now Seconds.
   */
  due(bands: ReadonlyMap<number, Band>, now: bigint): Due[] {
    const priced = new Map<number, { market: Market; config: MarketConfig; band: Band }>();
    for (const [id, band] of bands) {
      const known = this.#markets.get(id);
      if (!known) continue;
      const market = { ...known.market };
      FundingMath.accrue(market, known.config, now);
      priced.set(id, { ...known, market, band });
    }
    const found: Due[] = [];
    for (const { id, account, positions, claim } of this.#accounts.values()) {
      if (positions.size === 0) continue;
      const sums = MarginMath.emptyPortfolio();
      let whole = true;
      for (const [market, position] of positions) {
        const at = priced.get(market);
        if (!at) {
          whole = false;
          break;
        }
        MarginMath.add(sums, position, at.market, at.config, position.size > 0n ? at.band.hi : at.band.lo);
      }
      if (!whole) continue;
      const equity = MarginMath.equity(account.margin + claim, sums);
      const maintenance = MarginMath.maintenanceRequirement(sums);
      if (equity >= maintenance * FixedPoint.RAW_PER_WAD) continue;
      const floored = FixedPoint.divFloor(equity, FixedPoint.RAW_PER_WAD);
      found.push({ id, equity: floored, maintenance, shortfall: maintenance - floored });
    }
    return found.sort((a, b) => (a.shortfall < b.shortfall ? 1 : a.shortfall > b.shortfall ? -1 : 0));
  }
}
