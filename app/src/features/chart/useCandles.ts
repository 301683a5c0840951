import { useCallback, useEffect, useRef, useState } from 'react';
import { type Candle, fetchCandles } from '../../data/candles.ts';
import { useApp, useMarket, useTicks } from '../../data/store.ts';
import { applyPrice, CANDLES, mergeCandle, prepend, spliceTail } from './model.ts';

const RETRY_MS = 3_000;

export interface CandleFeed {
  key: string;
  candles: readonly Candle[];
  /** Grows when other candles than the last have changed. */
  revision: number;
  problem: string;
}

const nothing: CandleFeed = { key: '', candles: [], revision: 0, problem: '' };

/**
 * History from the price server, then moved by the same prices the ticket uses. Each candle that ends is read again from
 * the server, which knows the prices in between; so is whatever a lost connection left out.
 */
export function useCandles(seconds: number): { feed: CandleFeed; loadOlder: () => void } {
  const market = useMarket();
  const server = useApp((state) => state.config.prices);
  const started = useApp((state) => state.snapshot !== null);
  const key = `${market.symbol}/${seconds}`;
  const [feed, setFeed] = useState(nothing);
  const older = useRef<() => void>(() => {});

  useEffect(() => {
    if (!started) return;
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let busy = false;
    let candles: readonly Candle[] | null = null;
    const show = (next: readonly Candle[], whole: boolean) => {
      if (over) return;
      candles = next;
      setFeed(({ revision }) => ({ key, candles: next, revision: revision + (whole ? 1 : 0), problem: '' }));
    };
    const load = async (from: number) => {
      const to = (useApp.getState().snapshot?.timestamp ?? 0) + seconds;
      try {
        const tail = await fetchCandles(server, { symbol: market.symbol, interval: seconds, from, to });
        show(spliceTail(candles ?? [], tail), true);
      } catch {
        if (over) return;
        setFeed((before) => ({ ...before, problem: 'The price server does not send candles. Trying again.' }));
        clearTimeout(timer);
        timer = setTimeout(load, RETRY_MS, from);
      }
    };
    older.current = async () => {
      const first = candles?.[0];
      if (busy || !candles || !first) return;
      busy = true;
      const span = { from: first.time - seconds * CANDLES, to: first.time - 1 };
      const found = await fetchCandles(server, { symbol: market.symbol, interval: seconds, ...span }).catch(() => []);
      if (found.length > 0) show(prepend(found, candles), true);
      // A server without older candles is not asked again.
      busy = found.length === 0;
    };
    void load((useApp.getState().snapshot?.timestamp ?? 0) - seconds * CANDLES);
    const stop = useTicks.subscribe(({ ticks }) => {
      const tick = ticks[market.id];
      if (!tick || !candles) return;
      const last = candles.at(-1);
      const price = Number(tick.price / 10n ** 8n) / 1e10;
      const candle = applyPrice(last, { price, time: tick.publishTime, seconds });
      if (!candle) return;
      show(mergeCandle(candles, candle), false);
      if (last && candle.time > last.time) void load(last.time);
    });
    return () => {
      over = true;
      clearTimeout(timer);
      stop();
    };
  }, [started, server, market.id, market.symbol, seconds, key]);
  const loadOlder = useCallback(() => older.current(), []);
  return { feed, loadOlder };
}
