import { useEffect, useState } from 'react';
import type { MarketInfo } from '../../config.ts';
import { fetchCandles } from '../../data/candles.ts';
import { useApp } from '../../data/store.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;

/** The price a day ago, to the hour; null where the price server does not know it. For showing the change only. */
export function useDay({ symbol }: MarketInfo): number | null {
  const server = useApp((state) => state.config.prices);
  const hour = useApp(({ snapshot }) => (snapshot ? Math.floor(snapshot.timestamp / HOUR) : null));
  const [day, setDay] = useState<{ symbol: string; open: number | null }>({ symbol, open: null });
  useEffect(() => {
    if (hour === null) return;
    let over = false;
    const from = hour * HOUR - DAY;
    fetchCandles(server, { symbol, interval: HOUR, from, to: from }).then(
      ([first]) => over || setDay({ symbol, open: first?.open ?? null }),
      // The next hour asks again.
      () => undefined,
    );
    return () => {
      over = true;
    };
  }, [server, symbol, hour]);
  return day.symbol === symbol ? day.open : null;
}
