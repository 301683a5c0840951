import { useId } from 'react';
import { formatFixed, formatSize, formatUsd } from '../../ui/format.ts';
import { SwapIcon } from '../../ui/icons.tsx';
import { AccountSummary } from './AccountSummary.tsx';
import { LeverageSlider } from './LeverageSlider.tsx';
import { textOf } from './model.ts';
import { PreviewRows } from './PreviewRows.tsx';
import { commitOrder } from './submit.ts';
import { useNextStep } from './useNextStep.ts';
import { useTicket } from './useTicket.ts';

const shares = [10n, 25n, 50n, 100n];

/** The order form: what is asked for, what it would do, and why it cannot when it cannot. */
export function Ticket() {
  const ticket = useTicket();
  const { form, dispatch, market, price, size, sign, largest, reason, account } = ticket;
  const next = useNextStep(ticket);
  const why = useId();
  const field = useId();
  const setSize = (next: bigint) => dispatch({ type: 'text', text: textOf(next, form.unit, market, price) });
  const swapUnit = () => {
    const unit = form.unit === 'usd' ? 'base' : 'usd';
    dispatch({ type: 'unit', unit, text: size ? textOf(size, unit, market, price) : '' });
  };
  const submit = async () => {
    if (reason || !size || !account) return;
    const sent = await commitOrder({
      account: account.id,
      market,
      sizeDelta: sign * size,
      reduceOnly: form.reduceOnly,
      slippageBps: form.slippageBps,
    });
    if (sent) dispatch({ type: 'clear' });
  };
  const other = size
    ? form.unit === 'usd'
      ? `≈ ${formatSize(size, market.sizeDecimals)} ${market.symbol}`
      : `≈ ${formatUsd((size * price) / 10n ** 12n)}`
    : `1 ${market.symbol} = ${price ? formatFixed(price, 18, market.priceDecimals) : '—'} USD`;
  const action = form.reduceOnly ? 'Reduce by' : form.side === 'long' ? 'Long' : 'Short';
  return (
    <div className="ticket">
      <form
        className="ticket-form"
        aria-label="Order"
        data-testid="ticket"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <fieldset className="sides">
          <legend className="hidden-text">Side</legend>
          {(['long', 'short'] as const).map((side) => (
            <label key={side} className={`side ${side}`}>
              <input
                type="radio"
                name="side"
                checked={form.side === side}
                data-testid={`side-${side}`}
                onChange={() => dispatch({ type: 'side', side })}
              />
              <span>
                <span aria-hidden="true">{side === 'long' ? '▲' : '▼'}</span> {side === 'long' ? 'Long' : 'Short'}
              </span>
            </label>
          ))}
        </fieldset>
        <p className="ticket-kind">
          <span className="strong">Market order</span>
          <span className="narrow-only">
            {market.symbol} {price ? formatFixed(price, 18, market.priceDecimals) : '—'}
          </span>
          <span className="quiet">first price after 2 s</span>
        </p>
        <div className="size-box">
          <div className="size-head">
            <label htmlFor={field}>Size</label>
            <span>Largest {largest > 0n ? `${formatSize(largest, market.sizeDecimals)} ${market.symbol}` : '—'}</span>
          </div>
          <div className="size-line">
            <input
              id={field}
              inputMode="decimal"
              autoComplete="off"
              placeholder="0.00"
              value={form.text}
              data-testid="size"
              aria-describedby={`${field}-other`}
              onChange={(event) => dispatch({ type: 'text', text: event.target.value })}
            />
            <button
              type="button"
              className="unit"
              data-testid="unit"
              aria-label={`Size in ${form.unit === 'usd' ? 'USD' : market.symbol}. Switch unit`}
              onClick={swapUnit}
            >
              {form.unit === 'usd' ? 'USD' : market.symbol} <SwapIcon />
            </button>
          </div>
          <p id={`${field}-other`} className="size-other" data-testid="size-other">
            {other}
          </p>
        </div>
        <fieldset className="shares" aria-label="Share of the largest size">
          {shares.map((share) => (
            <button
              key={share}
              type="button"
              data-testid={`share-${share}`}
              disabled={largest === 0n}
              onClick={() => setSize((largest * share) / 100n)}
            >
              {share === 100n ? 'Max' : `${share}%`}
            </button>
          ))}
        </fieldset>
        <LeverageSlider ticket={ticket} onSize={setSize} />
        <div className="options">
          <label className="check">
            <input
              type="checkbox"
              checked={form.reduceOnly}
              data-testid="reduce-only"
              onChange={(event) => dispatch({ type: 'reduceOnly', reduceOnly: event.target.checked })}
            />
            Reduce only
          </label>
          <label className="slippage">
            Max slippage
            <select
              value={form.slippageBps}
              data-testid="slippage"
              onChange={(event) => dispatch({ type: 'slippage', slippageBps: Number(event.target.value) })}
            >
              {[10, 30, 50, 100, 200].map((bps) => (
                <option key={bps} value={bps}>
                  {(bps / 100).toFixed(2)}%
                </option>
              ))}
            </select>
          </label>
        </div>
        <PreviewRows ticket={ticket} />
        <div className="send">
          {next ? (
            <button
              key={next.id}
              type="button"
              className="submit accent"
              data-testid={`next-${next.id}`}
              aria-describedby={why}
              onClick={next.run}
            >
              {next.label}
            </button>
          ) : (
            <button
              type="submit"
              className={`submit ${form.side}`}
              data-testid="submit"
              aria-disabled={reason !== null}
              aria-describedby={why}
            >
              {size
                ? `${action} ${formatSize(size, market.sizeDecimals)} ${market.symbol}`
                : `${action} ${market.symbol}`}
            </button>
          )}
          <p id={why} className="why" data-testid="why-disabled">
            {reason ?? '\u00a0'}
          </p>
        </div>
      </form>
      <AccountSummary ticket={ticket} />
    </div>
  );
}
