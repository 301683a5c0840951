import { FixedPoint } from '@tidemark/sdk/math';
import { useState } from 'react';
import { useApp, useTicks } from '../../data/store.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import { formatFixed, formatSize, formatUsd } from '../../ui/format.ts';
import { Row } from '../../ui/Row.tsx';
import { previewOrder } from '../ticket/preview.ts';
import { commitOrder } from '../ticket/submit.ts';
import { closeNow, estimateCloseNow, partOf } from './closing.ts';
import type { PositionRow } from './model.ts';

const SLIPPAGE_BPS = 100;

/** Closes or reduces: by an order at the next price, or at once at a worse one. Both prices are shown. */
export function CloseDialog({ row, onClose }: { row: PositionRow; onClose: () => void }) {
  const { market } = row;
  const snapshot = useApp((state) => state.snapshot);
  const ticks = useTicks((state) => state.ticks);
  const [percent, setPercent] = useState(100);
  const [busy, setBusy] = useState(false);
  const account = snapshot?.account;
  const state = snapshot?.markets.get(market.id);
  const tick = ticks[market.id];
  const size = partOf(row.size, percent, market);
  const sizeDelta = row.size > 0n ? -size : size;
  const pending = (account?.account.pending ?? 0) > 0;
  const preview =
    snapshot && account && size > 0n
      ? previewOrder({ snapshot, account, ticks, market: market.id, sizeDelta, reduceOnly: true })
      : null;
  const now = state && tick && size > 0n ? estimateCloseNow(state, tick, sizeDelta) : null;
  const price = (value: bigint | undefined) =>
    value === undefined ? '—' : formatFixed(value, 18, market.priceDecimals);
  const run = async (action: () => Promise<boolean>) => {
    setBusy(true);
    const done = await action();
    setBusy(false);
    if (done) onClose();
  };
  const order = () =>
    account &&
    run(() => commitOrder({ account: account.id, market, sizeDelta, reduceOnly: true, slippageBps: SLIPPAGE_BPS }));
  const atOnce = () =>
    account &&
    now &&
    run(() => closeNow({ account: account.id, market, sizeDelta, expected: now.price, slippageBps: SLIPPAGE_BPS }));
  const reason = preview?.failure
    ? `${preview.failure.reason} ${preview.failure.next}`
    : size === 0n
      ? 'The part is below the smallest step.'
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
            data-testid={`part-${part}`}
            aria-pressed={percent === part}
            onClick={() => setPercent(part)}
          >
            {part}%
          </button>
        ))}
      </fieldset>
      <label className="percent">
        Percent
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
        <Row label="Size" before={formatSize(row.size, market.sizeDecimals)} testId="close-size">
          {formatSize(FixedPoint.abs(row.size) - size, market.sizeDecimals)} {market.symbol}
        </Row>
        <Row label="At the next price" testId="close-order-price">
          {preview && !preview.failure
            ? `${price(preview.fillPrice)} · fees ${formatUsd(preview.outcome.fee + preview.keeperFee, 2, 'ceil')}`
            : '—'}
        </Row>
        <Row label="At once" testId="close-now-price">
          {now ? `≈ ${price(now.price)} · fee ${formatUsd(now.fee, 2, 'ceil')}` : '—'}
        </Row>
        <Row label="Slippage bound of both">{(SLIPPAGE_BPS / 100).toFixed(2)}%</Row>
      </dl>
      <div className="actions wide">
        <button
          type="button"
          className="button primary"
          data-testid="close-order"
          disabled={busy || size === 0n || !preview || preview.failure !== null}
          onClick={() => void order()}
        >
          {percent === 100 ? 'Close' : 'Reduce'} at next price
        </button>
        <button
          type="button"
          className="button"
          data-testid="close-now"
          disabled={busy || size === 0n || pending || !now}
          onClick={() => void atOnce()}
        >
          {percent === 100 ? 'Close' : 'Reduce'} now
        </button>
      </div>
      <p className="why" data-testid="close-why">
        {reason || ' '}
      </p>
    </Dialog>
  );
}
