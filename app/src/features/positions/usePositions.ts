import { useMemo } from 'react';
import { useHistory } from '../../data/history.ts';
import { marketOf, useApp, useTicks } from '../../data/store.ts';
import { holdingsOf, liquidationPrice, type PositionRow, positionRow, presentPrices, standingOf } from './model.ts';

/** The connected account's positions at the present prices. */
export function usePositions(): readonly PositionRow[] {
  const snapshot = useApp((state) => state.snapshot);
  const config = useApp((state) => state.config);
  const ticks = useTicks((state) => state.ticks);
  const history = useHistory();
  return useMemo(() => {
    const account = snapshot?.account;
    if (!snapshot || !account) return [];
    const prices = presentPrices(snapshot, ticks);
    const holdings = holdingsOf(account, snapshot);
    const { margin } = account.account;
    const { equity } = standingOf(margin, holdings, prices);
    return holdings.map((holding) => {
      const entry = history.account === account.id ? history.entries.get(holding.id) : undefined;
      const claim = { id: holding.id, claim: account.unpaidClaim };
      return positionRow(marketOf(config, holding.id), holding, {
        price: prices.get(holding.id) ?? holding.state.market.index,
        liquidation: liquidationPrice(margin, holdings, prices, claim),
        entry: entry?.size === holding.position.size ? entry : null,
        equity,
      });
    });
  }, [snapshot, config, ticks, history]);
}
