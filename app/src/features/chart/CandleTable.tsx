import type { Candle } from '../../data/candles.ts';
import { formatTime } from '../../ui/format.ts';

/** The chart's newest candles as numbers, newest first. */
export function CandleTable({ candles, number }: { candles: readonly Candle[]; number: (value: number) => string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keys that scroll it.
    <section className="candle-table" aria-label="Candles" tabIndex={0}>
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
          {candles.map(({ time, open, high, low, close }) => (
            <tr key={time}>
              <th scope="row">{formatTime(time).slice(0, 11)}</th>
              <td>{number(open)}</td>
              <td>{number(high)}</td>
              <td>{number(low)}</td>
              <td>{number(close)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
