import { lazy, Suspense, useState } from 'react';
import { useMarket } from '../../data/store.ts';
import { type IntervalId, intervals, summary } from './model.ts';
import { useCandles } from './useCandles.ts';

const Chart = lazy(() => import('./Chart.tsx'));

/** Candles of the chosen market, as a picture, a sentence and a table. */
export function ChartPanel() {
  const market = useMarket();
  const [interval, setIntervalId] = useState<IntervalId>('1m');
  const [table, setTable] = useState(false);
  const seconds = intervals.find(({ id }) => id === interval)?.seconds ?? 60;
  const feed = useCandles(seconds);
  const current = feed.key === `${market.symbol}/${seconds}` ? feed.candles : [];
  const last = current.at(-1);
  const number = (value: number) =>
    value.toLocaleString('en-US', {
      minimumFractionDigits: market.priceDecimals,
      maximumFractionDigits: market.priceDecimals,
    });
  return (
    <section className="chart-panel" aria-label="Price chart">
      <div className="chart-bar">
        <fieldset className="intervals" aria-label="Candle length">
          {intervals.map(({ id }) => (
            <button
              key={id}
              type="button"
              data-testid={`interval-${id}`}
              aria-pressed={id === interval}
              onClick={() => setIntervalId(id)}
            >
              {id}
            </button>
          ))}
        </fieldset>
        {last && (
          <p className="ohlc wide-only" aria-hidden="true">
            {(['open', 'high', 'low', 'close'] as const).map((key) => (
              <span key={key}>
                <span className="quiet">{key[0]?.toUpperCase()}</span>{' '}
                <span className={last.close >= last.open ? 'up' : 'down'}>{number(last[key])}</span>
              </span>
            ))}
          </p>
        )}
        <button
          type="button"
          className="link"
          aria-pressed={table}
          data-testid="chart-table"
          onClick={() => setTable(!table)}
        >
          {table ? 'Show chart' : 'Show as table'}
        </button>
      </div>
      <p className="hidden-text" data-testid="chart-summary">
        {summary(market.symbol, interval, current, market.priceDecimals)}
      </p>
      <div className="chart-area" data-testid="chart" data-candles={current.length} data-last={last?.close ?? ''}>
        {table ? (
          <CandleTable
            rows={current
              .slice(-60)
              .reverse()
              .map((candle) => ({ ...candle, text: number }))}
          />
        ) : (
          <Suspense fallback={<p className="empty">Loading the chart</p>}>
            <Chart candles={current} digits={market.priceDecimals} seriesKey={feed.key} />
          </Suspense>
        )}
        {feed.problem && <p className="chart-problem warn">{feed.problem}</p>}
      </div>
    </section>
  );
}

interface TableRow {
  time: number;
  open: number;
  high: number;
  low: number;
  close: number;
  text: (value: number) => string;
}

function CandleTable({ rows }: { rows: readonly TableRow[] }) {
  return (
    <div className="candle-table">
      <table className="table" aria-label="Candles">
        <thead>
          <tr>
            {['Time (UTC)', 'Open', 'High', 'Low', 'Close'].map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ time, open, high, low, close, text }) => (
            <tr key={time}>
              <th scope="row">{new Date(time * 1000).toISOString().slice(5, 16).replace('T', ' ')}</th>
              <td>{text(open)}</td>
              <td>{text(high)}</td>
              <td>{text(low)}</td>
              <td>{text(close)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
