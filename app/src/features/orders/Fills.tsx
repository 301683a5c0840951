import { marketOf, useApp } from '../../data/store.ts';
import { Direction, toneOf } from '../../ui/Direction.tsx';
import { formatFixed, formatSignedUsd, formatSize, formatTime, formatUsd } from '../../ui/format.ts';
import { fillPrice, type OrderRow } from './model.ts';
import { useClosings } from './useOrders.ts';

/** What really traded: filled orders, immediate closes, liquidations; newest first. */
export function Fills({ orders }: { orders: readonly OrderRow[] }) {
  const config = useApp((state) => state.config);
  const closings = useClosings();
  const fills = [
    ...orders.flatMap(({ market, settlement, keeperFee }) =>
      settlement?.kind === 'filled' ? [{ ...settlement, market, fee: settlement.fee + keeperFee, word: 'Order' }] : [],
    ),
    ...closings.map((closing) => ({
      ...closing,
      word: closing.kind === 'closed' ? 'Immediate close' : 'Liquidation',
    })),
  ].sort((a, b) => b.at - a.at);
  if (fills.length === 0) return <p className="empty">Nothing has traded yet.</p>;
  return (
    <table className="table" aria-label="Fills">
      <thead>
        <tr>
          <th scope="col">Market</th>
          <th scope="col">Size</th>
          <th scope="col">Price</th>
          <th scope="col">Fees</th>
          <th scope="col">Realised</th>
          <th scope="col" className="wide-only">
            By
          </th>
          <th scope="col" className="wide-only">
            Time (UTC)
          </th>
        </tr>
      </thead>
      <tbody>
        {fills.slice(0, 50).map((fill) => {
          const market = marketOf(config, fill.market);
          return (
            <tr key={`${fill.hash}-${fill.market}-${fill.sizeDelta}`} data-testid="fill">
              <th scope="row">
                <span className="strong">{market.symbol}-PERP</span> <Direction size={fill.sizeDelta} />
              </th>
              <td>{formatSize(fill.sizeDelta, market.sizeDecimals)}</td>
              <td data-testid="fill-price" data-exact={fillPrice(fill.cost, fill.sizeDelta).toString()}>
                {formatFixed(fillPrice(fill.cost, fill.sizeDelta), 18, market.priceDecimals)}
              </td>
              <td className="soft">{formatUsd(fill.fee, 2, 'ceil')}</td>
              <td className={toneOf(fill.realised)} data-testid="fill-realised">
                {fill.realised === 0n ? '—' : formatSignedUsd(fill.realised)}
              </td>
              <td className="wide-only soft">{fill.word}</td>
              <td className="wide-only soft">{formatTime(fill.at)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
