import { useApp } from '../../data/store.ts';
import {
  formatClock,
  formatFixed,
  formatPercent,
  formatSignedUsd,
  formatSize,
  formatUsd,
  MINUS,
} from '../../ui/format.ts';
import { Row } from '../../ui/Row.tsx';
import type { Standing } from '../positions/model.ts';
import type { TicketState } from './useTicket.ts';

const percentUsed = ({ equity, maintenance }: Standing) =>
  equity > 0n ? formatPercent((maintenance * 10n ** 18n) / equity, 1, false) : '—';

/** What the order would do, before → after, at the present price. */
export function PreviewRows({ ticket }: { ticket: TicketState }) {
  const { preview, market, limit, size } = ticket;
  const now = useApp((state) => state.snapshot?.timestamp ?? 0);
  const price = (value: bigint | null | undefined, rounding: 'nearest' | 'ceil' | 'floor' = 'nearest') =>
    value == null ? '—' : formatFixed(value, 18, market.priceDecimals, rounding);
  const p = preview && !preview.failure ? preview : null;
  const cap = p && size && p.outcome.sizeDelta !== ticket.sign * size && !ticket.form.reduceOnly;
  const cautious = (size: bigint) => (size > 0n ? 'ceil' : 'floor');
  const held = ticket.account?.positions.get(market.id)?.size ?? 0n;
  return (
    <dl className="preview" data-testid="preview">
      {cap && p && (
        <p className="warn small">
          The market’s cap leaves room for {formatSize(p.outcome.sizeDelta, market.sizeDecimals)} {market.symbol}; the
          rest will not fill.
        </p>
      )}
      <Row label="Fill price" testId="preview-fill" exact={p?.fillPrice}>
        {price(p?.fillPrice)}
      </Row>
      <Row label="Price impact and spread" testId="preview-impact">
        {p ? formatPercent(p.impact, 3) : '—'}
      </Row>
      <Row label="Worst price accepted" testId="preview-limit" exact={limit}>
        {price(limit)}
      </Row>
      <Row
        label="Liquidation price"
        testId="preview-liquidation"
        exact={p?.liquidationAfter}
        tone={p?.liquidationAfter ? 'warn strong' : ''}
        before={p && p.liquidationBefore !== null ? price(p.liquidationBefore, cautious(held)) : null}
      >
        {p ? (p.liquidationAfter === null ? 'none' : price(p.liquidationAfter, cautious(p.position.size))) : '—'}
      </Row>
      <Row label="Margin used" testId="preview-margin-used" before={p ? percentUsed(p.before) : null}>
        {p ? percentUsed(p.after) : '—'}
      </Row>
      <Row
        label="Equity"
        testId="preview-equity"
        exact={p?.after.equity}
        before={p ? formatUsd(p.before.equity, 2, 'floor') : null}
      >
        {p ? formatUsd(p.after.equity, 2, 'floor') : '—'}
      </Row>
      <Row label="Trading fee" testId="preview-fee" exact={p?.outcome.fee}>
        {p ? formatUsd(p.outcome.fee, 2, 'ceil') : '—'}
      </Row>
      <Row label="Keeper fee" testId="preview-keeper-fee" exact={p?.keeperFee}>
        {p ? formatUsd(p.keeperFee, 2, 'ceil') : '—'}
      </Row>
      <Row
        testId="preview-funding"
        label={
          <>
            Funding next hour <span className="quiet">in {formatClock(3600 - (now % 3600))}</span>
          </>
        }
      >
        {p ? (p.funding > 0n ? `${MINUS}${formatUsd(p.funding)}` : formatSignedUsd(-p.funding)) : '—'}
      </Row>
    </dl>
  );
}
