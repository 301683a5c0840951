import { useEffect, useRef, useState } from 'react';
import type { MarketInfo } from '../../config.ts';
import { useApp, useMarket, useTick } from '../../data/store.ts';
import { formatClock, formatCompactUsd, formatFixed, formatPercent } from '../../ui/format.ts';
import { MarketMenu } from './MarketMenu.tsx';
import { marketLine } from './model.ts';

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
  const rateTone = line && line.fundingRate !== 0n ? (line.fundingRate > 0n ? 'up' : 'down') : '';
  return (
    <section className="market-bar" aria-label="Market">
      <MarketMenu />
      <LastPrice key={market.id} market={market} />
      <dl className="stats">
        <div>
          <dt>Index</dt>
          <dd data-testid="index">{state ? formatFixed(state.market.index, 18, market.priceDecimals) : '—'}</dd>
        </div>
        <div>
          <dt>Mark</dt>
          <dd data-testid="mark">{line ? formatFixed(line.mark, 18, market.priceDecimals) : '—'}</dd>
        </div>
        <div className="wide-only">
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
        <div>
          <dt>Funding / 1h</dt>
          <dd data-testid="funding">
            {line ? (
              <>
                <span
                  className={rateTone}
                  title={
                    line.fundingRate > 0n
                      ? 'Longs pay shorts'
                      : line.fundingRate < 0n
                        ? 'Shorts pay longs'
                        : 'Nobody pays'
                  }
                >
                  {formatPercent(line.fundingRate, 4)}
                </span>{' '}
                <span className="quiet" data-testid="funding-countdown">
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
