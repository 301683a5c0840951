import { type Account, DeleveragingMath, FixedPoint, PriceState } from '@tidemark/sdk';
import type { Hex } from 'viem';
import type { Action } from '../actions.ts';
import type { MarketSnapshot, Snapshot } from '../snapshot.ts';
import { accrued, favourable, isSettled, presentOf } from './present.ts';
import { INCLUSION_WINDOW } from './settler.ts';

/** What is worth a transaction of its own to those whose claims are unpaid, USD, 18 decimals. */
const LEAST_CRYSTALLISED = 10n * 10n ** 18n;
/** Of each kind, planned at once. */
const MAX_CRYSTALLISED = 16;
const MAX_LEAVING = 32;
const MAX_COLLECTED = 32;

/** Cuts each market whose exposure exceeds its limit at the prices at hand, which have to be those of all markets. */
export function planDeleveraging({ markets, pool, now }: Snapshot): Action[] {
  const books: { one: MarketSnapshot; market: MarketSnapshot['market'] }[] = [];
  for (const one of markets) {
    const market = accrued(one, now);
    if (!isSettled(one)) {
      const { brought } = presentOf(one, now);
      if (!brought || brought.state > PriceState.Guarded) return [];
      if (brought.publishTime > market.indexAt) market.index = brought.mid;
    }
    books.push({ one, market });
  }
  const netAssetValue = books.reduce(
    (value, { one, market }) => value - DeleveragingMath.owed(market, one.config, market.index),
    (pool.cash - pool.claims) * FixedPoint.RAW_PER_WAD,
  );
  const live = books.filter(({ one }) => !isSettled(one));
  const brought = live.map(({ one }) => one.id);
  return live
    .filter(({ one, market }) => {
      const { exposure, limit, cut, least } = DeleveragingMath.reductionOf(market, one.config, netAssetValue);
      return exposure > limit && cut !== 0n && cut >= least;
    })
    .map(({ one }) => ({ key: `deleverage ${one.id}`, kind: 'deleverage', market: one.id, markets: brought }));
}

/** While claims are unpaid: the largest losses that can move to them, as many as would pay them. */
export function planCrystallising({ markets, pool, health, now }: Snapshot): Action[] {
  if (pool.claims === 0n) return [];
  const found: { account: Hex; market: number; amount: bigint }[] = [];
  for (const one of markets) {
    const { brought } = isSettled(one) ? { brought: null } : presentOf(one, now);
    if (brought?.state !== PriceState.Normal) continue;
    const { funding } = accrued(one, now);
    for (const id of health.holders(one.id)) {
      const holder = health.get(id);
      const position = holder?.positions.get(one.id);
      if (!holder || !position) continue;
      const price = favourable(brought, position.size);
      const { margin } = holder.account;
      const { amount } = DeleveragingMath.crystallisable(position, price, funding, margin, pool.claims);
      if (amount >= FixedPoint.min(LEAST_CRYSTALLISED, pool.claims))
        found.push({ account: id, market: one.id, amount });
    }
  }
  found.sort((a, b) => (a.amount < b.amount ? 1 : a.amount > b.amount ? -1 : 0));
  let left = pool.claims;
  const taken = found.slice(0, MAX_CRYSTALLISED).filter(({ amount }) => {
    const isNeeded = left > 0n;
    left -= amount;
    return isNeeded;
  });
  return taken.map(({ account, market }) => ({
    key: `crystallise ${account} ${market}`,
    kind: 'crystallise',
    account,
    market,
  }));
}

/** Positions in settled markets: until they are out, their account can neither withdraw nor be liquidated. */
export function planLeaving({ leaving }: Snapshot): Action[] {
  return leaving.slice(0, MAX_LEAVING).map(({ account, market }) => ({
    key: `settlePosition ${account} ${market}`,
    kind: 'settlePosition',
    account,
    market,
  }));
}

/** Collects what has been paid on claims. */
export function planCollecting({ collectable, now }: Snapshot): Action[] {
  return collectable
    .filter(({ account }) => !isBound(account, now))
    .slice(0, MAX_COLLECTED)
    .map(({ id }) => ({ key: `collectClaim ${id}`, kind: 'collectClaim', account: id }));
}

/** Whether orders of an account still bind it in a later block, so that no claim may be collected for it. */
const isBound = ({ pending, committedAt }: Account, now: bigint) =>
  pending > 0n && now < committedAt + INCLUSION_WINDOW;
