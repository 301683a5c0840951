import { FixedPoint } from '@tidemark/sdk/math';
import { useState } from 'react';
import { useApp, useTicks } from '../../data/store.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import { toneOf } from '../../ui/Direction.tsx';
import { formatFixed, formatSignedUsd, formatSize, formatUsd } from '../../ui/format.ts';
import { Row } from '../../ui/Row.tsx';
import { elsewhereText } from '../ticket/model.ts';
import { type Preview, previewOrder } from '../ticket/preview.ts';
import { commitOrder } from '../ticket/submit.ts';
import { closeNow, partOf } from './closing.ts';
import type { PositionRow } from './model.ts';

const SLIPPAGE_BPS = 100;

/** Closes or reduces: by an order at the next price, or at once at a worse one. Both are shown with what they bring. */
export function CloseDialog({ row, onClose }: { row: PositionRow; onClose: () => void }) {
  const { market } = row;
  const snapshot = useApp((state) => state.snapshot);
  const markets = useApp((state) => state.config.markets);
  const ticks = useTicks((state) => state.ticks);
  const [percent, setPercent] = useState(100);
  const [busy, setBusy] = useState(false);
  const account = snapshot?.account;
  const size = partOf(row.size, percent, market);
  const sizeDelta = row.size > 0n ? -size : size;
  const preview = (atOnce: boolean) =>
    snapshot && account && size > 0n
      ? previewOrder({ snapshot, account, ticks, market: market.id, sizeDelta, reduceOnly: true, atOnce })
      : null;
  const order = preview(false);
  const now = preview(true);
  const pending = (account?.pending ?? 0) > 0;
  const run = async (action: () => Promise<boolean>) => {
    setBusy(true);
    const done = await action();
    setBusy(false);
    if (done) onClose();
  };
  const close = { market, sizeDelta, slippageBps: SLIPPAGE_BPS };
  const commit = () => account && run(() => commitOrder({ ...close, account: account.id, reduceOnly: true }));
  const closeAtOnce = () =>
    account && now && run(() => closeNow({ ...close, account: account.id, expected: now.fillPrice }));
  const liquidation = (price: bigint | null) =>
    price === null ? 'none' : formatFixed(price, 18, market.priceDecimals, row.size > 0n ? 'ceil' : 'floor');
  const verb = percent === 100 ? 'Close' : 'Reduce';
  const elsewhere = order?.elsewhere ? elsewhereText(order.elsewhere, markets) : null;
  const refusal = elsewhere ?? order?.failure ?? now?.failure;
  const reason =
    size === 0n
      ? 'The part is below the smallest step.'
      : refusal
        ? `${refusal.reason} ${refusal.next}`
        : pending
          ? 'Closing at once waits until pending orders have settled.'
          : '';
  return (
    <Dialog title={`Close ${market.symbol}-PERP`} testId="close-dialog" onClose={onClose}>
      <fieldset className="shares" aria-label="Part to close">
        {[25, 50, 75, 100].map((part) => (
          <button
            key={part}
            type="button"
            data-first={part === 100 || undefined}
            data-testid={`part-${part}`}
            aria-pressed={percent === part}
            onClick={() => setPercent(part)}
          >
            {part}%
          </button>
        ))}
      </fieldset>
      <label className="percent">
        <span>
          Part <output className="strong">{percent}%</output>
        </span>
        <input
          type="range"
          min={1}
          max={100}
          value={percent}
          data-testid="part"
          aria-valuetext={`${percent}%`}
          ref={(element) => element?.style.setProperty('--filled', `${percent}%`)}
          onChange={(event) => setPercent(Number(event.target.value))}
        />
      </label>
      <dl className="preview">
        <Row label="Position" before={formatSize(row.size, market.sizeDecimals)} testId="close-size">
          {formatSize(FixedPoint.abs(row.size) - size, market.sizeDecimals)} {market.symbol}
        </Row>
        <Row
          label="Liquidation price"
          before={order && liquidation(order.liquidationBefore.now)}
          exact={order?.liquidationAfter?.now}
          testId="close-liquidation"
        >
          {order?.liquidationAfter ? liquidation(order.liquidationAfter.now) : '—'}
        </Row>
        <Row label="Slippage bound">{(SLIPPAGE_BPS / 100).toFixed(2)}%</Row>
      </dl>
      <div className="ways">
        <Way name="order" label="At the next price" digits={market.priceDecimals} preview={order} margin={account}>
          <button
            type="button"
            className="button primary"
            data-testid="close-order"
            disabled={busy || !order || order.failure !== null || elsewhere !== null}
            onClick={() => void commit()}
          >
            {verb} at next price
          </button>
        </Way>
        <Way name="now" label="At once" digits={market.priceDecimals} preview={now} margin={account}>
          <button
            type="button"
            className="button"
            data-testid="close-now"
            disabled={busy || pending || !now || now.failure !== null}
            onClick={() => void closeAtOnce()}
          >
            {verb} now
          </button>
        </Way>
      </div>
      <p className="why" data-testid="close-why">
        {reason || '\u00a0'}
      </p>
    </Dialog>
  );
}

/** One way to close: its price, its fees, and what it brings to the margin when all is paid. */
function Way(props: {
  name: string;
  label: string;
  digits: number;
  preview: Preview | null;
  margin: { account: { margin: bigint } } | null | undefined;
  children: React.ReactNode;
}) {
  const { name, label, digits, preview, margin, children } = props;
  const shown = preview?.failure ? null : preview;
  const result = shown && margin ? shown.outcome.margin - margin.account.margin : null;
  return (
    <section className="way" aria-label={label}>
      <h3>{label}</h3>
      <dl>
        <Row label="Price" testId={`close-${name}-price`} exact={shown?.fillPrice}>
          {shown ? formatFixed(shown.fillPrice, 18, digits) : '—'}
        </Row>
        <Row label="Fees" testId={`close-${name}-fees`}>
          {shown ? formatUsd(shown.outcome.fee + shown.keeperFee, 2, 'ceil') : '—'}
        </Row>
        <Row label="Result" testId={`close-${name}-result`} tone={result === null ? '' : toneOf(result)} exact={result}>
          {result === null ? '—' : formatSignedUsd(result)}
        </Row>
      </dl>
      {children}
    </section>
  );
}
