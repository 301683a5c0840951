import { useEffect, useRef, useState } from 'react';
import type { MarketInfo } from '../../config.ts';
import { useApp, useMarket, useTick } from '../../data/store.ts';
import { formatFixed } from '../../ui/format.ts';
import { ChevronIcon } from '../../ui/icons.tsx';
import { changeForm } from '../ticket/form.ts';

const names: Record<string, string> = {
  ETH: 'Ethereum',
  BTC: 'Bitcoin',
  SOL: 'Solana',
  OP: 'Optimism',
  LINK: 'Chainlink',
};

function MarketOption({ market, active, onChoose }: { market: MarketInfo; active: boolean; onChoose: () => void }) {
  const tick = useTick(market.id);
  return (
    <button
      type="button"
      role="menuitemradio"
      aria-checked={active}
      className="market-option"
      data-testid={`market-${market.symbol}`}
      onClick={onChoose}
    >
      <span className="strong">{market.symbol}-PERP</span>
      <span className="quiet">{names[market.symbol] ?? ''}</span>
      <span>{tick ? formatFixed(tick.price, 18, market.priceDecimals) : '—'}</span>
    </button>
  );
}

/** Switches markets; arrows and Escape work. */
export function MarketMenu() {
  const market = useMarket();
  const config = useApp((state) => state.config);
  const leverage = useApp((state) => state.snapshot?.markets.get(state.marketId)?.config.initialMarginBps);
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) return;
    box.current?.querySelector<HTMLElement>('[aria-checked="true"]')?.focus();
    const outside = (event: PointerEvent) => {
      if (!box.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener('pointerdown', outside);
    return () => document.removeEventListener('pointerdown', outside);
  }, [open]);
  const shut = () => {
    setOpen(false);
    box.current?.querySelector('button')?.focus();
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.key === 'Escape') shut();
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    event.preventDefault();
    const items = [...(box.current?.querySelectorAll<HTMLElement>('[role="menuitemradio"]') ?? [])];
    const at = items.indexOf(document.activeElement as HTMLElement);
    items[(at + (event.key === 'ArrowDown' ? 1 : -1) + items.length) % items.length]?.focus();
  };
  const detail = [names[market.symbol], leverage && `max ${10_000n / leverage}×`].filter(Boolean).join(' · ');
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only hears the keys of the menu inside it.
    <div className="market-menu" ref={box} onKeyDown={onKeyDown}>
      <button
        type="button"
        className="market-button"
        aria-haspopup="menu"
        aria-expanded={open}
        data-testid="market-menu"
        onClick={() => setOpen(!open)}
      >
        <span className="market-name">
          <h1>{market.symbol}-PERP</h1> <ChevronIcon />
        </span>
        <span className="quiet small">{detail}</span>
      </button>
      {open && (
        <div className="menu" role="menu" aria-label="Markets">
          {config.markets.map((option) => (
            <MarketOption
              key={option.id}
              market={option}
              active={option.id === market.id}
              onChoose={() => {
                useApp.setState({ marketId: option.id });
                changeForm({ type: 'clear' });
                shut();
              }}
            />
          ))}
        </div>
      )}
    </div>
  );
}
