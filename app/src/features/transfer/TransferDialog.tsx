import { FixedPoint, MarginMath } from '@tidemark/sdk/math';
import { useId, useState } from 'react';
import { useApp, useTicks } from '../../data/store.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import { formatUsd, toInput } from '../../ui/format.ts';
import { Row } from '../../ui/Row.tsx';
import { holdingsOf, portfolioOf, presentPrices, standingOf, worstPrices } from '../positions/model.ts';
import { mostToOffer, parseAssets, type TransferKind, transferBlocker, withdrawable } from './model.ts';
import { deposit, withdraw } from './submit.ts';

/** Moves USDC between wallet and account, with what it changes. */
export function TransferDialog({ kind, onClose }: { kind: TransferKind; onClose: () => void }) {
  const snapshot = useApp((state) => state.snapshot);
  const ticks = useTicks((state) => state.ticks);
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const answers = useApp((state) => state.answers);
  const field = useId();
  const why = useId();
  const account = snapshot?.account;
  if (!snapshot || !account) return null;

  const { margin } = account.account;
  const holdings = holdingsOf(account, snapshot);
  const standing = standingOf(margin, holdings, presentPrices(snapshot, ticks));
  const worst = worstPrices(holdings, snapshot, ticks);
  const atWorst = standingOf(margin, holdings, worst);
  const most = withdrawable(margin, atWorst.equity, MarginMath.withdrawalRequirement(portfolioOf(holdings, worst)));
  const offered = FixedPoint.min(mostToOffer(most, standing.notional), snapshot.withdrawalLeft);
  const limit = kind === 'deposit' ? account.usdc : offered / FixedPoint.ASSET_SCALE;
  const reason = transferBlocker({
    kind,
    text,
    usdc: account.usdc,
    ether: account.ether,
    margin,
    withdrawable: most,
    left: snapshot.withdrawalLeft,
    pending: account.pending,
    halted: snapshot.pauseLevel === 2,
    answers,
  });
  const assets = parseAssets(text) ?? 0n;
  const change = (kind === 'deposit' ? assets : -assets) * FixedPoint.ASSET_SCALE;
  const title = kind === 'deposit' ? 'Deposit USDC' : 'Withdraw USDC';
  const submit = async () => {
    if (reason || busy) return;
    setBusy(true);
    const done = kind === 'deposit' ? await deposit(account, assets) : await withdraw(account, assets);
    setBusy(false);
    if (done) onClose();
  };
  return (
    <Dialog title={title} testId={`${kind}-dialog`} onClose={onClose}>
      <form
        className="transfer"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <div className="size-box">
          <div className="size-head">
            <label htmlFor={field}>Amount</label>
            <button
              type="button"
              className="link"
              data-testid="transfer-max"
              onClick={() => setText(toInput(limit, 6, 6))}
            >
              Max {formatUsd(limit * FixedPoint.ASSET_SCALE, 2, 'floor')}
            </button>
          </div>
          <div className="size-line">
            <input
              id={field}
              inputMode="decimal"
              autoComplete="off"
              placeholder="0.00"
              value={text}
              data-first
              data-testid="transfer-amount"
              aria-describedby={why}
              onChange={(event) => setText(event.target.value)}
            />
            <span className="unit">USDC</span>
          </div>
        </div>
        <dl className="preview">
          <Row label="Account equity" before={formatUsd(standing.equity, 2, 'floor')} testId="transfer-equity">
            {formatUsd(standing.equity + change, 2, 'floor')}
          </Row>
          <Row label="Wallet" before={formatUsd(account.usdc * FixedPoint.ASSET_SCALE, 2, 'floor')}>
            {formatUsd(account.usdc * FixedPoint.ASSET_SCALE - change, 2, 'floor')}
          </Row>
        </dl>
        <button
          type="submit"
          className="submit accent"
          data-testid="transfer-submit"
          aria-disabled={reason !== null || busy}
          aria-describedby={why}
        >
          {busy ? 'Working…' : title}
        </button>
        <p id={why} className="why" data-testid="transfer-why">
          {reason ?? ' '}
        </p>
      </form>
    </Dialog>
  );
}
