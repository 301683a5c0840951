import { useWallet } from '../features/wallet/store.ts';
import { streamPrices } from './prices.ts';
import { readSnapshot } from './snapshot.ts';
import { setTicks, useApp } from './store.ts';

const POLL_MS = 400;

let wake: (() => void) | undefined;

/** Reads the chain at once instead of at the next turn. */
export function refresh(): void {
  wake?.();
}

async function follow(): Promise<never> {
  for (;;) {
    const { client, config, snapshot: after } = useApp.getState();
    const owner = useWallet.getState().address;
    const started = performance.now();
    try {
      const snapshot = await readSnapshot(client, { config, owner, after });
      const latency = Math.round(performance.now() - started);
      const known = { latency, answers: true };
      if (owner === useWallet.getState().address) useApp.setState(snapshot ? { snapshot, ...known } : known);
    } catch {
      useApp.setState({ answers: false });
    }
    await new Promise<void>((resolve) => {
      wake = resolve;
      setTimeout(resolve, POLL_MS);
    });
  }
}

/** Starts following chain and prices for the life of the page. */
export function startFeeds(): void {
  const { config } = useApp.getState();
  const marketOfFeed = new Map(config.markets.map(({ feedId, id }) => [feedId.toLowerCase(), id]));
  streamPrices(
    config.prices,
    config.markets.map(({ feedId }) => feedId),
    (ticks) =>
      setTicks(
        ticks.flatMap(([feed, tick]) => {
          const market = marketOfFeed.get(feed);
          return market === undefined ? [] : [[market, tick] as const];
        }),
      ),
    (pricesOpen) => useApp.setState({ pricesOpen }),
  );
  useWallet.subscribe((state, before) => {
    if (state.address !== before.address) refresh();
  });
  void follow();
}
