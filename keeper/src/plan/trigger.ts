import { OrderWords } from '@tidemark/sdk';
import { concat, keccak256 } from 'viem';
import type { Action } from '../actions.ts';
import type { Snapshot } from '../snapshot.ts';
import { isSettled } from './present.ts';
import type { PlanSettings } from './settings.ts';

/** Orders of one commit, as in EngineStorage.sol. */
const MAX_ORDERS = 32;

/** Commits the orders of each market that wait for nothing, or whose trigger is met at its stored index. */
export function planTriggers({ markets, orders, now }: Snapshot, _settings: PlanSettings): Action[] {
  return markets.flatMap((market): Action[] => {
    if (isSettled(market)) return [];
    const met = orders.filter(({ market: id, order: { terms, extras } }) => {
      const deadline = OrderWords.deadlineOf(terms);
      if (Number(id) !== market.id || (deadline !== 0n && deadline < now)) return false;
      return OrderWords.isTriggered(terms, extras, market.market.index);
    });
    const taken = met.slice(0, MAX_ORDERS);
    if (taken.length === 0) return [];
    const hash = keccak256(concat(taken.map(({ signature }) => signature))).slice(0, 18);
    return [{ key: `commitSigned ${market.id} ${hash}`, kind: 'commitSigned', market: market.id, orders: taken }];
  });
}
