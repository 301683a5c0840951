import { FixedPoint, MarginMath, type Price, PriceState } from '@tidemark/sdk';
import type { Due } from '../health/healthIndex.ts';
import type { AccountSnapshot, Health, MarketSnapshot } from '../snapshot.ts';
import { favourable, isSettled, presentOf } from './present.ts';

/** An account below maintenance with each market at the end of its band that favours the account. USD, 18 decimals. */
export interface Endangered {
  readonly account: AccountSnapshot;
  /** With the claim, rounded down. */
  readonly equity: bigint;
  readonly maintenance: bigint;
  readonly shortfall: bigint;
  /** Of its markets, ascending. */
  readonly prices: readonly Price[];
  /** The worst of them. */
  readonly state: number;
  /** The markets whose prices have to be brought: all of the account's, or none. */
  readonly markets: readonly number[];
  /** What liquidating it pays the keeper, without what insurance adds. */
  readonly reward: bigint;
  /** Whether nothing of it can be closed before its market's meter has emptied. */
  readonly metered: boolean;
}

/**
 * The accounts below maintenance at the prices at hand, by the exact model; largest shortfall first. New prices are brought
 * where there are such of all of an account's markets; where one is missing, the stored ones have to do.
 */
export function findEndangered(health: Health, markets: readonly MarketSnapshot[], now: bigint): Endangered[] {
  const brought = new Map<number, Price>();
  const stored = new Map<number, Price>();
  const live = markets.filter((market) => !isSettled(market));
  for (const market of live) {
    const present = presentOf(market, now);
    if (present.brought) brought.set(market.id, present.brought);
    if (present.stored) stored.set(market.id, present.stored);
  }
  const found = health.due(brought, now).map((due) => describe(health, due, brought, true));
  if (brought.size === live.length) return found;
  const others = health.due(stored, now).filter(({ id }) => {
    const { positions } = health.get(id) as AccountSnapshot;
    return [...positions.keys()].some((market) => !brought.has(market));
  });
  if (others.length === 0) return found;
  found.push(...others.map((due) => describe(health, due, stored, false)));
  return found.sort((a, b) => (a.shortfall < b.shortfall ? 1 : a.shortfall > b.shortfall ? -1 : 0));
}

function describe(health: Health, { id, ...due }: Due, known: ReadonlyMap<number, Price>, bring: boolean): Endangered {
  const account = health.get(id) as AccountSnapshot;
  const ids = [...account.positions.keys()].sort((a, b) => a - b);
  const prices = ids.map((market) => known.get(market) as Price);
  const notional = ids.reduce((sum, market, i) => {
    const { size } = account.positions.get(market) as { size: bigint };
    return sum + FixedPoint.abs(size) * favourable(prices[i] as Price, size);
  }, 0n);
  const state = prices.reduce((worst, price) => Math.max(worst, price.state), PriceState.Normal as number);
  const reward = FixedPoint.min(MarginMath.rewardOf(notional), FixedPoint.max(due.equity, 0n));
  return { account, ...due, prices, state, markets: bring ? ids : [], reward, metered: false };
}
