import { useState } from 'react';
import { Direction, toneOf } from '../../ui/Direction.tsx';
import { formatFixed, formatSignedUsd, formatSize, formatUsd } from '../../ui/format.ts';
import { CloseDialog } from './CloseDialog.tsx';
import type { PositionRow } from './model.ts';

const part = (value: bigint | null | undefined) => (value == null ? '—' : formatSignedUsd(value));

function Pnl({ row }: { row: PositionRow }) {
  return (
    <>
      <span className={toneOf(row.pnl)} data-testid={`pnl-${row.market.symbol}`}>
        {formatSignedUsd(row.pnl)}
      </span>
      <span className="split quiet" data-testid={`pnl-parts-${row.market.symbol}`}>
        <span>price {part(row.parts?.price)}</span> <span>funding {part(row.parts?.funding)}</span>{' '}
        <span>fees {part(row.parts && -row.parts.fees)}</span>
      </span>
    </>
  );
}

/** Open positions: what they are, where they die, what they earned and by what. */
export function Positions({ rows }: { rows: readonly PositionRow[] }) {
  const [closing, setClosing] = useState<number | null>(null);
  const row = rows.find(({ market }) => market.id === closing);
  if (rows.length === 0) return <p className="empty">No open position. What you open appears here at once.</p>;
  return (
    <>
      <table className="table" aria-label="Positions">
        <thead>
          <tr>
            <th scope="col">Market</th>
            <th scope="col">Size</th>
            <th scope="col" className="wide-only">
              Value
            </th>
            <th scope="col" className="wide-only">
              Entry
            </th>
            <th scope="col" className="wide-only">
              Mark
            </th>
            <th scope="col">Liq. price</th>
            <th scope="col">
              PnL<span className="wide-only"> after fees</span>
            </th>
            <th scope="col">
              <span className="hidden-text">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((position) => (
            <PositionLine key={position.market.id} row={position} onClose={() => setClosing(position.market.id)} />
          ))}
        </tbody>
      </table>
      {row && <CloseDialog row={row} onClose={() => setClosing(null)} />}
    </>
  );
}

function PositionLine({ row, onClose }: { row: PositionRow; onClose: () => void }) {
  const { market, size } = row;
  const price = (value: bigint | null, rounding: 'nearest' | 'ceil' | 'floor' = 'nearest') =>
    value === null ? '—' : formatFixed(value, 18, market.priceDecimals, rounding);
  return (
    <tr data-testid={`position-${market.symbol}`}>
      <th scope="row">
        <span className="strong">{market.symbol}-PERP</span>{' '}
        <Direction size={size}>{row.leverage > 0n ? `${formatFixed(row.leverage, 2, 1)}×` : undefined}</Direction>
      </th>
      <td data-testid={`size-${market.symbol}`}>{formatSize(size, market.sizeDecimals)}</td>
      <td className="wide-only soft">{formatUsd(row.notional)}</td>
      <td className="wide-only soft" data-testid={`entry-${market.symbol}`}>
        {price(row.entry)}
      </td>
      <td className="wide-only">{price(row.mark)}</td>
      <td>
        <span data-testid={`liquidation-${market.symbol}`} data-exact={row.liquidation?.toString()}>
          {row.liquidation === null ? 'none' : price(row.liquidation, size > 0n ? 'ceil' : 'floor')}
        </span>
        {row.liquidation !== null && (
          <meter className="danger wide-only" min={0} max={1} value={row.danger} aria-label="Nearness of liquidation" />
        )}
      </td>
      <td>
        <Pnl row={row} />
      </td>
      <td className="end">
        <button
          type="button"
          className="button small-button"
          data-testid={`close-${market.symbol}`}
          aria-label={`Close or reduce ${market.symbol}`}
          onClick={onClose}
        >
          Close
        </button>
      </td>
    </tr>
  );
}
