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
  /** Milliseconds the last read of the chain took; null before the first. */
  latency: number | null;
  /** Whether the chain answered when it was last asked. */
  answers: boolean;
  /** Whether the price stream stands; true before its first try has failed. */
  pricesOpen: boolean;
}

/** State of the page. `config` and `client` are set before the first render. */
export const useApp = create<AppState>(() => ({
  config: undefined as never,
  client: undefined as never,
  marketId: 0,
  snapshot: null,
  latency: null,
  answers: true,
  pricesOpen: true,
}));

/**
 * The one price store: ticket, chart and tables read it, so that none lags another. Keyed by market id; `arrivedAt` is
 * when the stream last told something, in the page's milliseconds.
 */
export const useTicks = create<{ ticks: Readonly<Record<number, Tick>>; arrivedAt: number }>(() => ({
  ticks: {},
  arrivedAt: 0,
}));

/** Takes prices of one moment together, so that nothing is drawn between them; older ones than known are left out. */
export function setTicks(told: readonly (readonly [market: number, tick: Tick])[]): void {
  const { ticks } = useTicks.getState();
  const newer = told.filter(([market, { publishTime }]) => publishTime >= (ticks[market]?.publishTime ?? 0));
  if (newer.length === 0) return;
  useTicks.setState({ ticks: { ...ticks, ...Object.fromEntries(newer) }, arrivedAt: performance.now() });
}

export function useTick(market: number): Tick | undefined {
  return useTicks((state) => state.ticks[market]);
}

/** The stream and the blocks are told apart by so much, however fast the chain's clock runs. */
const JUST_ARRIVED_MS = 2_000;

/** Age of a market's price in chain seconds, zero while it has just arrived; null while there is none. */
export function priceAge(market: number): number | null {
  const { ticks, arrivedAt } = useTicks.getState();
  const { snapshot, pricesOpen } = useApp.getState();
  const tick = ticks[market];
  if (!tick || !snapshot) return null;
  const age = Math.max(0, snapshot.timestamp - tick.publishTime);
  return pricesOpen && performance.now() - arrivedAt < JUST_ARRIVED_MS ? 0 : age;
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
