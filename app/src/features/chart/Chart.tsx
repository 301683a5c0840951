import {
  CandlestickSeries,
  ColorType,
  createChart,
  HistogramSeries,
  type IChartApi,
  type ISeriesApi,
  LineStyle,
  type UTCTimestamp,
} from 'lightweight-charts';
import { memo, useCallback, useEffect, useRef } from 'react';
import type { Candle } from '../../data/candles.ts';
import { useTheme } from '../../ui/theme.ts';
import { Attribution } from './Attribution.tsx';
import type { CandleFeed } from './useCandles.ts';
import { usePriceLines } from './usePriceLines.ts';

interface Drawn {
  chart: IChartApi;
  candles: ISeriesApi<'Candlestick'>;
  volume: ISeriesApi<'Histogram'>;
}

const token = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function paint({ chart, candles }: Drawn): void {
  const [up, down, line, text] = [token('--up'), token('--down'), token('--line'), token('--t3')];
  chart.applyOptions({
    layout: { background: { type: ColorType.Solid, color: token('--s1') }, textColor: text },
    grid: { vertLines: { visible: false }, horzLines: { color: line } },
    crosshair: {
      vertLine: { color: text, labelBackgroundColor: token('--s3') },
      horzLine: { color: text, labelBackgroundColor: token('--s3') },
    },
  });
  candles.applyOptions({ upColor: up, downColor: down, wickUpColor: up, wickDownColor: down, borderVisible: false });
}

const candleOf = ({ time, open, high, low, close }: Candle) => ({ time: time as UTCTimestamp, open, high, low, close });

/** Bars between the newest candle and the scale. */
const RIGHT_OFFSET = 6;
/** How near its beginning a series has to be seen for older candles to be asked for. */
const NEAR_BEGINNING = 20;

/**
 * The drawing. It gets whole series when market or interval change or history is corrected, and single candles while
 * prices move.
 */
export default memo(function Chart(props: {
  feed: CandleFeed;
  digits: number;
  loadOlder: () => void;
  /** Told the time of the candle under the pointer, and null when there is none. */
  onPoint: (time: number | null) => void;
}) {
  const { feed, digits, loadOlder, onPoint } = props;
  const { candles, revision, key: seriesKey } = feed;
  const box = useRef<HTMLDivElement>(null);
  const drawn = useRef<Drawn | null>(null);
  const shown = useRef({ key: '', revision: -1 });
  const theme = useTheme((state) => state.theme);
  const series = useCallback(() => drawn.current?.candles ?? null, []);

  useEffect(() => {
    if (!box.current) return;
    const chart = createChart(box.current, {
      autoSize: true,
      // The browser's own language can be a tag that Intl refuses, such as en-US@posix.
      localization: { locale: 'en-US' },
      layout: { fontFamily: '"Inter Variable", system-ui, sans-serif', fontSize: 11, attributionLogo: false },
      rightPriceScale: { borderVisible: false, scaleMargins: { top: 0.1, bottom: 0.22 } },
      timeScale: {
        borderVisible: false,
        timeVisible: true,
        secondsVisible: false,
        rightOffset: RIGHT_OFFSET,
        barSpacing: 8,
      },
    });
    drawn.current = {
      chart,
      candles: chart.addSeries(CandlestickSeries, { priceLineStyle: LineStyle.Dotted }),
      volume: chart.addSeries(HistogramSeries, {
        priceScaleId: 'volume',
        priceFormat: { type: 'volume' },
        lastValueVisible: false,
        priceLineVisible: false,
      }),
    };
    chart.priceScale('volume').applyOptions({ scaleMargins: { top: 0.84, bottom: 0 } });
    shown.current = { key: '', revision: -1 };
    chart.subscribeCrosshairMove(({ time }) => onPoint(typeof time === 'number' ? time : null));
    chart.timeScale().subscribeVisibleLogicalRangeChange((range) => {
      if (range && range.from < NEAR_BEGINNING) loadOlder();
    });
    return () => {
      drawn.current = null;
      chart.remove();
    };
  }, [loadOlder, onPoint]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme changes the tokens that are read.
  useEffect(() => {
    if (drawn.current) paint(drawn.current);
    shown.current = { key: '', revision: -1 };
  }, [theme]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme changes the tokens that are read.
  useEffect(() => {
    const now = drawn.current;
    const last = candles.at(-1);
    if (!now) return;
    const volumeOf = ({ time, volume, open, close }: Candle) => ({
      time: time as UTCTimestamp,
      value: volume,
      color: `${token(close >= open ? '--up' : '--down')}55`,
    });
    if (shown.current.key !== seriesKey || shown.current.revision !== revision || !last) {
      const minMove = 10 ** -digits;
      now.candles.applyOptions({ priceFormat: { type: 'price', precision: digits, minMove } });
      now.candles.setData(candles.map(candleOf));
      now.volume.setData(candles.some(({ volume }) => volume > 0) ? candles.map(volumeOf) : []);
      if (shown.current.key !== seriesKey) now.chart.timeScale().scrollToPosition(RIGHT_OFFSET, false);
      shown.current = { key: seriesKey, revision };
    } else {
      now.candles.update(candleOf(last));
      if (last.volume > 0) now.volume.update(volumeOf(last));
    }
  }, [candles, digits, seriesKey, revision, theme]);

  const pins = usePriceLines(series, candles, theme);
  return (
    <>
      <div ref={box} className="chart" aria-hidden="true" />
      {pins.map(({ name, text, edge }) => (
        <p key={name} className={`pin ${name} ${edge}`} aria-hidden="true">
          {text} <span>{edge === 'above' ? '▲' : '▼'}</span>
        </p>
      ))}
      <Attribution />
    </>
  );
});
