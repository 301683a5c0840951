import { create } from 'zustand';
import type { Config, MarketInfo } from '../config.ts';
import type { ChainClient } from './client.ts';
import type { Tick } from './prices.ts';
import type { Snapshot } from './snapshot.ts';

interface AppState {
  config: Config;
  client: ChainClient;
  marketId: number;
  snapshot: Snapshot | null;
  /** Milliseconds the last read took; null while the chain does not answer. */
  latency: number | null;
  pricesOpen: boolean;
}

/** State of the page. `config` and `client` are set before the first render. */
export const useApp = create<AppState>(() => ({
  config: undefined as never,
  client: undefined as never,
  marketId: 0,
  snapshot: null,
  latency: null,
  pricesOpen: false,
}));

/** The one price store: ticket, chart and tables read it, so that none lags another. Keyed by market id. */
export const useTicks = create<{ ticks: Readonly<Record<number, Tick>> }>(() => ({ ticks: {} }));

export function setTick(market: number, tick: Tick): void {
  const before = useTicks.getState().ticks[market];
  if (before && before.publishTime > tick.publishTime) return;
  useTicks.setState(({ ticks }) => ({ ticks: { ...ticks, [market]: tick } }));
}

export function useTick(market: number): Tick | undefined {
  return useTicks((state) => state.ticks[market]);
}

export function useMarket(): MarketInfo {
  return useApp(({ config, marketId }) => marketOf(config, marketId));
}

/** @throws Error when the configuration lists no such market. */
export function marketOf(config: Config, id: number): MarketInfo {
  const market = config.markets.find((candidate) => candidate.id === id);
  if (!market) throw new Error(`Market ${id} is not listed. Choose another one.`);
  return market;
}
