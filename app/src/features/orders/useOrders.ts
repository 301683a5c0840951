import { useEffect, useMemo } from 'react';
import { type Closing, emptyHistory, extendHistory, useHistory } from '../../data/history.ts';
import { useApp } from '../../data/store.ts';
import { dispatch, useTxs } from '../../tx/store.ts';
import { formatFixed } from '../../ui/format.ts';
import { batchKey, failureText, fillPrice, matchSettlements, type OrderRow, statusOf } from './model.ts';

let reading = false;

/** Keeps the account's history in step with the chain and tells waiting transactions how their orders ended. */
export function useHistoryFeed(): void {
  const snapshot = useApp((state) => state.snapshot);
  useEffect(() => {
    const account = snapshot?.account?.id;
    if (!snapshot || !account || reading) return;
    const { client, config } = useApp.getState();
    const known = useHistory.getState();
    const history = { ...(known.account === account ? known : emptyHistory(account)), account };
    if (history.block >= snapshot.block) return;
    reading = true;
    extendHistory(client, config, history, snapshot.block)
      .then((next) => {
        useHistory.setState(next);
        concludeOrders(snapshot.timestamp);
      })
      // The next block tries again from the same place, so nothing is missed.
      .catch(() => undefined)
      .finally(() => {
        reading = false;
      });
  }, [snapshot]);
}

function concludeOrders(now: number): void {
  const { orders, settlements } = useHistory.getState();
  const { config } = useApp.getState();
  for (const { id, state } of useTxs.getState().txs) {
    if (state.stage !== 'awaitingKeeper') continue;
    const { market, index } = state.order;
    const order = matchSettlements(orders, settlements).find(
      (row) => batchKey(row.market, row.index) === batchKey(market, index),
    );
    if (!order) continue;
    const digits = config.markets.find((info) => info.id === market)?.priceDecimals ?? 2;
    const { settlement } = order;
    if (settlement?.kind === 'filled') {
      const price = formatFixed(fillPrice(settlement.cost, settlement.sizeDelta), 18, digits);
      dispatch(id, { type: 'executed', detail: `filled at ${price}` });
    } else if (settlement?.kind === 'failed') {
      dispatch(id, { type: 'failed', ...failureText(settlement.reason) });
    } else if (statusOf(order, now) === 'expired') {
      dispatch(id, {
        type: 'failed',
        reason: 'No keeper settled it within a minute; it expired.',
        next: 'Order again.',
      });
    }
  }
}

export function useOrders(): readonly OrderRow[] {
  const orders = useHistory((state) => state.orders);
  const settlements = useHistory((state) => state.settlements);
  return useMemo(() => matchSettlements(orders, settlements), [orders, settlements]);
}

export function useClosings(): readonly Closing[] {
  return useHistory((state) => state.closings);
}
