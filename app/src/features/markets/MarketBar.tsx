import { useEffect, useRef, useState } from 'react';
import type { MarketInfo } from '../../config.ts';
import { useApp, useMarket, useTick } from '../../data/store.ts';
import { formatClock, formatCompactUsd, formatFixed, formatPercent } from '../../ui/format.ts';
import { MarketMenu } from './MarketMenu.tsx';
import { marketLine, payerOf } from './model.ts';
import { useDay } from './useDay.ts';

/** The price, coloured by its last move; the arrow says the same. */
function LastPrice({ market }: { market: MarketInfo }) {
  const { id, symbol, priceDecimals: digits } = market;
  const tick = useTick(id);
  const before = useRef<bigint | null>(null);
  const [move, setMove] = useState(0);
  useEffect(() => {
    if (!tick) return;
    if (before.current !== null && tick.price !== before.current) setMove(tick.price > before.current ? 1 : -1);
    before.current = tick.price;
  }, [tick]);
  const text = tick ? formatFixed(tick.price, 18, digits) : '—';
  useEffect(() => {
    document.title = `${text} · ${symbol} · Tidemark`;
  }, [text, symbol]);
  const tone = move > 0 ? 'up' : move < 0 ? 'down' : '';
  return (
    <p className={`last-price ${tone}`} data-testid="last-price">
      {text}
      <span className="move" aria-hidden="true">
        {move > 0 ? '▲' : move < 0 ? '▼' : ''}
      </span>
    </p>
  );
}

/** Against the price a day ago; arrow, sign and colour say the same. */
function DayChange({ market }: { market: MarketInfo }) {
  const before = useDay(market);
  const tick = useTick(market.id);
  if (!before || !tick) return <>—</>;
  const change = (Number(tick.price / 10n ** 8n) / 1e10 / before - 1) * 100;
  return (
    <span className={change < 0 ? 'down' : 'up'}>
      <span aria-hidden="true">{change < 0 ? '▼' : '▲'}</span> {change < 0 ? '−' : '+'}
      {Math.abs(change).toFixed(2)}%
    </span>
  );
}

/** Market, price, and what standing in it costs. */
export function MarketBar() {
  const market = useMarket();
  const snapshot = useApp((state) => state.snapshot);
  const tick = useTick(market.id);
  const state = snapshot?.markets.get(market.id);
  const price = tick?.price ?? state?.market.index;
  const line =
    state && snapshot && price !== undefined
      ? marketLine(state.market, state.config, { price, now: snapshot.timestamp })
      : null;
  const shown = (value: bigint | undefined) =>
    value === undefined ? '—' : formatFixed(value, 18, market.priceDecimals);
  const payer = line ? payerOf(line.fundingRate === 0n ? line.nextRate : line.fundingRate) : '';
  return (
    <section className="market-bar" aria-label="Market">
      <MarketMenu />
      <LastPrice key={market.id} market={market} />
      <dl className="stats">
        <div className="wide-only" title="The newest price the exchange has accepted on the chain">
          <dt>Index</dt>
          <dd data-testid="index">{shown(state?.market.index)}</dd>
        </div>
        <div title="Where the next small order would fill: the price moved by the market’s skew">
          <dt>Mark</dt>
          <dd data-testid="mark">{shown(line?.mark)}</dd>
        </div>
        <div>
          <dt>24h</dt>
          <dd data-testid="day-change">
            <DayChange key={market.id} market={market} />
          </dd>
        </div>
        <div className="wide-only open-interest">
          <dt>Open interest L / S</dt>
          <dd data-testid="open-interest">
            {line ? (
              <>
                <span className="up">{formatCompactUsd(line.longs)}</span> /{' '}
                <span className="down">{formatCompactUsd(line.shorts)}</span>
              </>
            ) : (
              '—'
            )}
          </dd>
        </div>
        <div title="Per hour of the position’s value: now, and from the next hour on if the skew stays">
          <dt>
            Funding / 1h<span data-testid="funding-payer">{payer && `, ${payer}`}</span>
          </dt>
          <dd data-testid="funding">
            {line ? (
              <>
                {formatPercent(line.fundingRate, 4)}{' '}
                <span className="quiet" data-testid="funding-next">
                  <span className="wide-only">
                    <span aria-hidden="true">→</span>
                    <span className="hidden-text"> becomes </span> {formatPercent(line.nextRate, 4)} in{' '}
                  </span>
                  {formatClock(line.nextFunding)}
                </span>
              </>
            ) : (
              '—'
            )}
          </dd>
        </div>
      </dl>
    </section>
  );
}
