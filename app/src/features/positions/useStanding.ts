import { useMemo } from 'react';
import { useApp, useTicks } from '../../data/store.ts';
import { holdingsOf, presentPrices, type Standing, standingOf } from './model.ts';

/** The connected account's standing at the present prices, or null while it is not read. */
export function useStanding(): Standing | null {
  const snapshot = useApp((state) => state.snapshot);
  const ticks = useTicks((state) => state.ticks);
  return useMemo(() => {
    const account = snapshot?.account;
    if (!snapshot || !account) return null;
    return standingOf(account.account.margin, holdingsOf(account, snapshot), presentPrices(snapshot, ticks));
  }, [snapshot, ticks]);
}
