import { NO_LIMIT } from '@tidemark/sdk';
import { FixedPoint } from '@tidemark/sdk/math';
import type { Config } from '../../config.ts';
import { marketOf, useApp } from '../../data/store.ts';
import { Direction } from '../../ui/Direction.tsx';
import { formatFixed, formatSize, formatTime } from '../../ui/format.ts';
import { failureText, type OrderRow, type OrderStatus, releaseText, statusOf, tradeText } from './model.ts';

const words = {
  committed: 'Committed, waiting for its price',
  filled: 'Filled',
  failed: 'Failed',
  released: 'Released',
  expired: 'Expired',
};

/** What a settlement says beside its word: price and fees, or why not and what to do. */
function detailOf(config: Config, order: OrderRow, status: OrderStatus): string {
  const { settlement, market, sizeDelta, attachedTo, keeperFee } = order;
  if (status === 'expired') return 'No keeper settled it within a minute. Order again.';
  if (!settlement) return '';
  if (settlement.kind !== 'filled') {
    const { reason, next } = settlement.kind === 'failed' ? failureText(settlement.reason) : releaseText;
    return `${reason} ${next}`;
  }
  const { sizeDecimals = 4 } = config.markets.find(({ id }) => id === market) ?? {};
  const told = attachedTo === undefined && settlement.sizeDelta === sizeDelta;
  const part = told ? '' : `${formatSize(settlement.sizeDelta, sizeDecimals)} `;
  return `${part}at ${tradeText(config, market, settlement, keeperFee)}`;
}

/** Every order the account committed and what became of it, newest first. */
export function Orders({ orders }: { orders: readonly OrderRow[] }) {
  const config = useApp((state) => state.config);
  const now = useApp((state) => state.snapshot?.timestamp ?? 0);
  if (orders.length === 0) return <p className="empty">No order yet.</p>;
  return (
    <table className="table" aria-label="Orders">
      <thead>
        <tr>
          <th scope="col">Market</th>
          <th scope="col">Size</th>
          <th scope="col" className="wide-only">
            Limit
          </th>
          <th scope="col" className="wide-only">
            Committed (UTC)
          </th>
          <th scope="col">Status</th>
        </tr>
      </thead>
      <tbody>
        {orders.slice(0, 50).map((order) => {
          const market = marketOf(config, order.market);
          const status = statusOf(order, now);
          const attached = order.attachedTo !== undefined;
          const unbound = order.limitPrice === 0n || order.limitPrice === NO_LIMIT;
          return (
            <tr key={`${order.hash}-${order.place}`} data-testid="order" data-status={status}>
              <th scope="row">
                <span className="strong">{market.symbol}-PERP</span> {!attached && <Direction size={order.sizeDelta} />}
                {order.reduceOnly && <span className="quiet small"> reduce only</span>}
              </th>
              <td>
                {attached
                  ? `${formatFixed(FixedPoint.abs(order.sizeDelta), 2, 0)} % of the position`
                  : formatSize(order.sizeDelta, market.sizeDecimals)}
              </td>
              <td className="wide-only soft">
                {unbound ? 'none' : formatFixed(order.limitPrice, 18, market.priceDecimals)}
              </td>
              <td className="wide-only soft">{formatTime(order.committedAt)}</td>
              <td>
                <span className={status === 'filled' ? 'up' : status === 'committed' ? 'warn' : 'down'}>
                  {words[status]}
                </span>
                <span className="detail quiet" data-testid="order-detail">
                  {detailOf(config, order, status)}
                </span>
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
