import { useEffect, useMemo } from 'react';
import { type Closing, emptyHistory, extendHistory, type Liquidation, useHistory } from '../../data/history.ts';
import { useApp } from '../../data/store.ts';
import { begin, dispatch, useTxs } from '../../tx/store.ts';
import { formatUsd } from '../../ui/format.ts';
import { batchKey, failureText, matchSettlements, type OrderRow, releaseText, statusOf, tradeText } from './model.ts';

let reading = false;

/** Keeps the account's history in step with the chain and tells waiting transactions how their orders ended. */
export function useHistoryFeed(): void {
  const snapshot = useApp((state) => state.snapshot);
  useEffect(() => {
    const account = snapshot?.account?.id;
    if (!snapshot || !account || reading) return;
    const { client, config } = useApp.getState();
    const known = useHistory.getState();
    if (known.account !== account) useHistory.setState(emptyHistory(account));
    const history = useHistory.getState();
    if (history.block >= snapshot.block) return;
    reading = true;
    extendHistory(client, config, history, snapshot.block)
      .then((next) => {
        useHistory.setState({ ...next, problem: false });
        concludeOrders(snapshot.timestamp);
        if (history.block >= 0n) next.liquidations.slice(history.liquidations.length).forEach(tellLiquidation);
      })
      // The next block tries again from the same place, so nothing is missed.
      .catch(() => useHistory.setState({ problem: true }))
      .finally(() => {
        reading = false;
      });
  }, [snapshot]);
}

/** Nobody asked for it, so it is told where what was asked for is told. */
function tellLiquidation({ reward, penalty, margin }: Liquidation): void {
  const costs = `${formatUsd(penalty, 2, 'ceil')} penalty and ${formatUsd(reward, 2, 'ceil')} reward`;
  const detail = `every position was closed; ${costs} were paid, ${formatUsd(margin, 2, 'floor')} are left`;
  begin('Your account was liquidated', { stage: 'notice', detail });
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
    const { settlement } = order;
    if (settlement?.kind === 'filled') {
      const whole = order.attachedTo !== undefined || settlement.sizeDelta === order.sizeDelta;
      const part = whole ? 'filled' : 'filled in part, up to the market’s cap,';
      const detail = `${part} at ${tradeText(config, market, settlement, order.keeperFee)}`;
      dispatch(id, { type: 'executed', detail });
    } else if (settlement?.kind === 'failed') {
      dispatch(id, { type: 'failed', ...failureText(settlement.reason) });
    } else if (settlement?.kind === 'released') {
      dispatch(id, { type: 'failed', ...releaseText });
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
