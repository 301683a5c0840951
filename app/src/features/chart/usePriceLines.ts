import { type IPriceLine, type ISeriesApi, LineStyle } from 'lightweight-charts';
import { useEffect } from 'react';
import { useMarket } from '../../data/store.ts';
import { formatSignedUsd, formatSize } from '../../ui/format.ts';
import { usePositions } from '../positions/usePositions.ts';

const token = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const toNumber = (price: bigint) => Number(price / 10n ** 8n) / 1e10;

/** Lines at the position's entry and liquidation price. */
export function usePriceLines(series: () => ISeriesApi<'Candlestick'> | null, theme: string): void {
  const market = useMarket();
  const row = usePositions().find((position) => position.market.id === market.id);
  const entry = row?.entry ?? null;
  const liquidation = row?.liquidation ?? null;
  const label = row
    ? `${row.size > 0n ? 'Long' : 'Short'} ${formatSize(row.size, market.sizeDecimals)} · ${formatSignedUsd(row.pnl)}`
    : '';
  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme changes the tokens that are read.
  useEffect(() => {
    const target = series();
    if (!target) return;
    const lines: IPriceLine[] = [];
    const common = { lineWidth: 1, axisLabelVisible: true } as const;
    const draw = (price: bigint, title: string, name: string, lineStyle: LineStyle) => {
      const color = token(name);
      const text = token('--on-fill');
      lines.push(
        target.createPriceLine({
          ...common,
          price: toNumber(price),
          title,
          color,
          lineStyle,
          axisLabelColor: color,
          axisLabelTextColor: text,
        }),
      );
    };
    if (entry !== null) draw(entry, label, '--accent', LineStyle.Solid);
    if (liquidation !== null) draw(liquidation, 'Liq', '--warn', LineStyle.Dotted);
    return () => {
      if (!series()) return;
      for (const line of lines) target.removePriceLine(line);
    };
  }, [entry, liquidation, label, theme, series]);
}
