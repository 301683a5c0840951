import { FixedPoint, FundingMath, MarginMath, type Market, type MarketConfig, MarketFlags } from '@tidemark/sdk';
import type { Band, Due } from '../src/health/healthIndex.ts';
import type { AccountSnapshot } from '../src/snapshot.ts';

/** A market and its parameters as they are stored. */
export interface Stored {
  readonly market: Market;
  readonly config: MarketConfig;
}

/** A market that can be judged by: accrued to the present, with its band. */
export type Judged = Stored & { readonly band: Band };

/** The markets with their funding of the present; those without a band, and settled ones, are not among them. */
export function judgedMarkets(markets: ReadonlyMap<number, Stored>, bands: ReadonlyMap<number, Band>, now: bigint) {
  const judged = new Map<number, Judged>();
  for (const [id, { market, config }] of markets) {
    const band = bands.get(id);
    if (!band || (config.flags & MarketFlags.Settled) !== 0n) continue;
    const accrued = { ...market };
    FundingMath.accrue(accrued, config, now);
    judged.set(id, { market: accrued, config, band });
  }
  return judged;
}

/** What an account has and needs, exactly: USD, 30 decimals. Null when it cannot be judged. */
export function weighPlainly({ account, claim, positions }: AccountSnapshot, judged: ReadonlyMap<number, Judged>) {
  if (positions.size === 0) return null;
  const sums = MarginMath.emptyPortfolio();
  for (const [id, position] of positions) {
    const at = judged.get(id);
    if (!at) return null;
    MarginMath.add(sums, position, at.market, at.config, position.size > 0n ? at.band.hi : at.band.lo);
  }
  const equity = MarginMath.equity(account.margin + claim, sums);
  return { equity, maintenance: MarginMath.maintenanceRequirement(sums) * FixedPoint.RAW_PER_WAD };
}

/** Those below maintenance, every account by itself and in integers alone; in the order of {@link sortDue}. */
export function listPlainly(accounts: Iterable<AccountSnapshot>, judged: ReadonlyMap<number, Judged>): Due[] {
  const found: Due[] = [];
  for (const account of accounts) {
    const weighed = weighPlainly(account, judged);
    if (!weighed || weighed.equity >= weighed.maintenance) continue;
    const equity = FixedPoint.divFloor(weighed.equity, FixedPoint.RAW_PER_WAD);
    const maintenance = weighed.maintenance / FixedPoint.RAW_PER_WAD;
    found.push({ id: account.id, equity, maintenance, shortfall: maintenance - equity });
  }
  return sortDue(found);
}

/** The largest shortfall first, of equal ones the least id. */
export function sortDue(list: Due[]): Due[] {
  return list.sort((a, b) => Number(b.shortfall > a.shortfall) - Number(b.shortfall < a.shortfall) || byId(a, b));
}

const byId = (a: Due, b: Due) => Number(a.id > b.id) - Number(a.id < b.id);
