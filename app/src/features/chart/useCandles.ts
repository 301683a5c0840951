import { useEffect, useState } from 'react';
import { type Candle, fetchCandles } from '../../data/candles.ts';
import { useApp, useMarket, useTicks } from '../../data/store.ts';
import { applyPrice, CANDLES, mergeCandle } from './model.ts';

const RETRY_MS = 3_000;

export interface CandleFeed {
  key: string;
  candles: readonly Candle[];
  problem: string;
}

/** History from the price server, then moved by the same prices the ticket uses. */
export function useCandles(seconds: number): CandleFeed {
  const market = useMarket();
  const server = useApp((state) => state.config.prices);
  const started = useApp((state) => state.snapshot !== null);
  const key = `${market.symbol}/${seconds}`;
  const [feed, setFeed] = useState<CandleFeed>({ key: '', candles: [], problem: '' });

  useEffect(() => {
    if (!started) return;
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const load = async () => {
      const now = useApp.getState().snapshot?.timestamp ?? 0;
      const span = { symbol: market.symbol, interval: seconds, from: now - seconds * CANDLES, to: now + seconds };
      try {
        const candles = await fetchCandles(server, span);
        if (!over) setFeed({ key, candles, problem: '' });
      } catch {
        if (over) return;
        setFeed((before) => ({ ...before, problem: 'The price server does not send candles. Trying again.' }));
        timer = setTimeout(load, RETRY_MS);
      }
    };
    void load();
    const stop = useTicks.subscribe(({ ticks }) => {
      const tick = ticks[market.id];
      if (!tick) return;
      const price = Number(tick.price / 10n ** 8n) / 1e10;
      setFeed((before) => {
        if (before.key !== key) return before;
        const candle = applyPrice(before.candles.at(-1), { price, time: tick.publishTime, seconds });
        return candle ? { ...before, candles: mergeCandle(before.candles, candle) } : before;
      });
    });
    return () => {
      over = true;
      clearTimeout(timer);
      stop();
    };
  }, [started, server, market.id, market.symbol, seconds, key]);
  return feed;
}
