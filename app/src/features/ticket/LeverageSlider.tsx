import { useId } from 'react';
import { roundSize } from './model.ts';
import type { TicketState } from './useTicket.ts';

/** The order's notional over equity, in whole basis points of 1×, so that no rounding passes the maximum. */
export function LeverageSlider({ ticket, onSize }: { ticket: TicketState; onSize: (size: bigint) => void }) {
  const { size, price, equity, maxLeverage, largest, market } = ticket;
  const id = useId();
  const usable = equity > 0n && price > 0n;
  const notional = size ? (size * price) / 10n ** 12n : 0n;
  const bps = usable ? Number((notional * 10_000n) / equity) : 0;
  const step = 1_000;
  const choose = (leverage: number) => {
    if (!usable) return;
    const wanted = roundSize((equity * BigInt(leverage) * 10n ** 12n) / (price * 10_000n), market);
    onSize(wanted > largest ? largest : wanted);
  };
  const label = `${(bps / 10_000).toFixed(1)}×`;
  const filled = `${Math.min(100, (bps / maxLeverage) * 100)}%`;
  const marks = [0, 25, 50, 75, 100].map((part) => ({ part, leverage: (maxLeverage * part) / 1_000_000 }));
  return (
    <div className="leverage">
      <div className="leverage-head">
        <label htmlFor={id}>Leverage of this order</label>
        <output htmlFor={id} className="strong" data-testid="leverage-value">
          {label}
        </output>
      </div>
      <input
        id={id}
        type="range"
        min={0}
        max={maxLeverage}
        step={step}
        value={Math.min(bps, maxLeverage)}
        disabled={!usable}
        data-testid="leverage"
        aria-valuetext={label}
        ref={(element) => element?.style.setProperty('--filled', filled)}
        onChange={(event) => choose(Number(event.target.value))}
      />
      <div className="leverage-marks" aria-hidden="true">
        {marks.map(({ part, leverage }) => (
          <span key={part}>{Number.isInteger(leverage) ? leverage : leverage.toFixed(1)}×</span>
        ))}
      </div>
    </div>
  );
}
