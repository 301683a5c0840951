import { MAX_PRICE_AGE } from './data/prices.ts';
import { priceAge, useApp, useMarket, useTick } from './data/store.ts';
import { formatTime } from './ui/format.ts';

/** What the page rests on, honestly: block, chain clock, age of the price, orders waiting. */
export function SystemLine() {
  const snapshot = useApp((state) => state.snapshot);
  const answers = useApp((state) => state.answers);
  const pricesOpen = useApp((state) => state.pricesOpen);
  const market = useMarket();
  const tick = useTick(market.id);
  const queue = snapshot?.markets.get(market.id)?.queue;
  const age = tick && snapshot ? Math.max(0, snapshot.timestamp - tick.publishTime) : null;
  const waiting = queue ? Number(queue.tail - queue.head) : null;
  const live = answers && snapshot !== null;
  const fresh = pricesOpen && (priceAge(market.id) ?? 0) <= MAX_PRICE_AGE;
  return (
    <footer className="system-line">
      <span data-testid="system-chain">
        <span className={live ? 'dot up' : 'dot down'} aria-hidden="true" />
        {live
          ? `Live · block ${snapshot.block.toLocaleString('en-US')}`
          : answers
            ? 'Connecting'
            : 'The chain does not answer'}
      </span>
      {snapshot && <span className="wide-only">Chain time {formatTime(snapshot.timestamp)} UTC</span>}
      <span className={fresh ? '' : 'warn'} data-testid="system-price">
        {age === null
          ? 'No price yet'
          : pricesOpen
            ? `Price ${age} s old`
            : `Price stream lost, last price ${age} s old`}
      </span>
      {waiting !== null && (
        <span className="wide-only">
          {waiting} order batch{waiting === 1 ? '' : 'es'} waiting
        </span>
      )}
    </footer>
  );
}
