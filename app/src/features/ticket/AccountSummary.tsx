import { FixedPoint } from '@tidemark/sdk/math';
import { formatPercent, formatUsd } from '../../ui/format.ts';
import { Row } from '../../ui/Row.tsx';
import { FaucetButton } from '../faucet/FaucetButton.tsx';
import { useStanding } from '../positions/usePositions.ts';
import { openTransfer, useTransferDialog } from '../transfer/store.ts';
import { TransferDialog } from '../transfer/TransferDialog.tsx';
import type { TicketState } from './useTicket.ts';

const { WAD } = FixedPoint;

/** What the account is worth, how safe it is, and moving USDC in and out. */
export function AccountSummary({ ticket }: { ticket: TicketState }) {
  const { account, stage } = ticket;
  const standing = useStanding();
  const kind = useTransferDialog((state) => state.kind);
  const used = standing && standing.equity > 0n ? (standing.maintenance * WAD) / standing.equity : standing ? WAD : 0n;
  const percent = formatPercent(used, 0, false);
  const health =
    !standing || standing.notional === 0n
      ? { word: 'No position', tone: '' }
      : used < 50n * 10n ** 16n
        ? { word: `Healthy · ${percent} used`, tone: 'up' }
        : used < 80n * 10n ** 16n
          ? { word: `Watch · ${percent} used`, tone: 'warn' }
          : { word: `${used < WAD ? 'Near liquidation' : 'Liquidatable'} · ${percent} used`, tone: 'down' };
  return (
    <section className="account-summary" aria-label="Account">
      <dl>
        <Row label="Account equity" testId="equity">
          {standing ? formatUsd(standing.equity, 2, 'floor') : '—'}
        </Row>
        <Row label="Realised margin" testId="margin">
          {account ? formatUsd(account.account.margin, 2, 'floor') : '—'}
        </Row>
        <Row label="Margin health" testId="health" tone={health.tone}>
          {standing ? health.word : '—'}
        </Row>
        <Row label="Wallet" testId="wallet-usdc">
          {account ? `${formatUsd(account.usdc * 10n ** 12n, 2, 'floor')} USDC` : '—'}
        </Row>
      </dl>
      {stage === 'ready' && (
        <div className="actions">
          <button type="button" className="button" data-testid="deposit" onClick={() => openTransfer('deposit')}>
            Deposit
          </button>
          <button type="button" className="button" data-testid="withdraw" onClick={() => openTransfer('withdraw')}>
            Withdraw
          </button>
          <FaucetButton />
        </div>
      )}
      {kind && account && <TransferDialog key={kind} kind={kind} onClose={() => openTransfer(null)} />}
    </section>
  );
}
