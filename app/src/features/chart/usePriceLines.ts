import { type AutoscaleInfo, type ISeriesApi, LineStyle } from 'lightweight-charts';
import { useEffect, useState } from 'react';
import type { Candle } from '../../data/candles.ts';
import { useMarket } from '../../data/store.ts';
import { formatFixed, formatSignedUsd, formatSize, roundTo } from '../../ui/format.ts';
import { usePositions } from '../positions/usePositions.ts';
import { type Pin, type PriceLine, pinsOf, stretch } from './lines.ts';

type Series = ISeriesApi<'Candlestick'>;

const token = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const toNumber = (price: bigint) => Number(price / 10n ** 8n) / 1e10;
const looks = {
  entry: { color: '--accent', style: LineStyle.Solid },
  liquidation: { color: '--warn', style: LineStyle.Dotted },
};

/** Lines at the position's entry and liquidation price; the scale makes room for near ones. */
export function usePriceLines(series: () => Series | null, candles: readonly Candle[], theme: string): readonly Pin[] {
  const market = useMarket();
  const row = usePositions().find((position) => position.market.id === market.id);
  const { priceDecimals: digits } = market;
  const entry = row?.entry ?? null;
  // Rounded as the table rounds it, towards the present price.
  const liquidation = row?.liquidation ? roundTo(row.liquidation, digits, row.size > 0n ? 'ceil' : 'floor') : null;
  const label = row
    ? `${row.size > 0n ? 'Long' : 'Short'} ${formatSize(row.size, market.sizeDecimals)} · ${formatSignedUsd(row.pnl)}`
    : '';
  const [pins, setPins] = useState<readonly Pin[]>([]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme changes the tokens that are read.
  useEffect(() => {
    const target = series();
    if (!target) return;
    const wanted: PriceLine[] = [];
    if (entry !== null) wanted.push({ name: 'entry', price: toNumber(entry), title: label });
    if (liquidation !== null) wanted.push({ name: 'liquidation', price: toNumber(liquidation), title: 'Liq' });
    target.applyOptions({
      autoscaleInfoProvider: (original: () => AutoscaleInfo | null) => {
        const info = original();
        if (!info?.priceRange) return info;
        const { minValue: low, maxValue: high } = info.priceRange;
        const [minValue, maxValue] = stretch(
          [low, high],
          wanted.map(({ price }) => price),
        );
        return { ...info, priceRange: { minValue, maxValue } };
      },
    });
    const drawn = wanted.map(({ name, price, title }) => {
      const color = token(looks[name].color);
      const lineStyle = looks[name].style;
      const axis = { axisLabelVisible: true, axisLabelColor: color, axisLabelTextColor: token('--on-fill') };
      return target.createPriceLine({ price, title, color, lineStyle, lineWidth: 1, ...axis });
    });
    return () => {
      if (!series()) return;
      for (const line of drawn) target.removePriceLine(line);
    };
  }, [entry, liquidation, label, theme, series]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: each candle may have moved the scale.
  useEffect(() => {
    const text = (price: bigint) => formatFixed(price, 18, digits);
    const lines: PriceLine[] = [];
    if (entry !== null) lines.push({ name: 'entry', price: toNumber(entry), title: `Entry ${text(entry)}` });
    if (liquidation !== null) {
      lines.push({ name: 'liquidation', price: toNumber(liquidation), title: `Liq ${text(liquidation)}` });
    }
    // The scale is known once this change has been drawn.
    let frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame(() => {
        const range = series()?.priceScale().getVisibleRange();
        const next = range ? pinsOf(lines, [range.from, range.to]) : [];
        setPins((before) => (JSON.stringify(before) === JSON.stringify(next) ? before : next));
      });
    });
    return () => cancelAnimationFrame(frame);
  }, [entry, liquidation, candles, digits, series]);
  return pins;
}
