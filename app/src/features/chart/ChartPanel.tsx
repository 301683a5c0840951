import { lazy, Suspense, useState } from 'react';
import type { Candle } from '../../data/candles.ts';
import { useMarket } from '../../data/store.ts';
import { formatTime } from '../../ui/format.ts';
import { Notice } from '../markets/Notice.tsx';
import { CandleTable } from './CandleTable.tsx';
import { type IntervalId, intervals, summary } from './model.ts';
import { useCandles } from './useCandles.ts';

const Chart = lazy(() => import('./Chart.tsx'));

/** Candles of the chosen market, as a picture, a sentence and a table. */
export function ChartPanel() {
  const market = useMarket();
  const [interval, setIntervalId] = useState<IntervalId>('1m');
  const [table, setTable] = useState(false);
  const [pointed, setPointed] = useState<number | null>(null);
  const seconds = intervals.find(({ id }) => id === interval)?.seconds ?? 60;
  const { feed, loadOlder } = useCandles(seconds);
  const current = feed.key === `${market.symbol}/${seconds}` ? feed.candles : [];
  const last = current.at(-1);
  const told = current.find(({ time }) => time === pointed) ?? last;
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
        {told && <Legend candle={told} dated={told !== last} number={number} />}
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
          <CandleTable candles={current.slice(-60).reverse()} number={number} />
        ) : (
          <Suspense fallback={<p className="empty">Loading the chart</p>}>
            <Chart feed={feed} digits={market.priceDecimals} loadOlder={loadOlder} onPoint={setPointed} />
          </Suspense>
        )}
        <Notice candles={feed.problem} />
      </div>
    </section>
  );
}

/** The candle under the pointer, else the newest. */
function Legend({ candle, dated, number }: { candle: Candle; dated: boolean; number: (value: number) => string }) {
  const tone = candle.close >= candle.open ? 'up' : 'down';
  const change = (candle.close / candle.open - 1) * 100;
  return (
    <p className="ohlc wide-only" aria-hidden="true" data-testid="legend">
      {(['open', 'high', 'low', 'close'] as const).map((key) => (
        <span key={key}>
          <span className="quiet">{key[0]?.toUpperCase()}</span> <span className={tone}>{number(candle[key])}</span>
        </span>
      ))}
      <span className={tone}>
        {change < 0 ? '−' : '+'}
        {Math.abs(change).toFixed(2)}%
      </span>
      {dated && <span className="quiet">{formatTime(candle.time).slice(0, 11)}</span>}
    </p>
  );
}
