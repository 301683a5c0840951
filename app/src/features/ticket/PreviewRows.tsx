import { FixedPoint } from '@tidemark/sdk/math';
import { useApp } from '../../data/store.ts';
import { formatClock, formatFixed, formatPercent, formatSignedUsd, formatSize, formatUsd } from '../../ui/format.ts';
import { Row } from '../../ui/Row.tsx';
import type { Standing } from '../positions/model.ts';
import type { TicketState } from './useTicket.ts';

const percentUsed = ({ equity, maintenance }: Standing) =>
  equity > 0n ? formatPercent((maintenance * FixedPoint.WAD) / equity, 1, false) : '—';
const leverageOf = ({ equity, notional }: Standing) =>
  equity > 0n ? `${formatFixed((notional * 100n) / equity, 2, 1)}×` : '—';

/** What the order would do, before → after, at the present price. */
export function PreviewRows({ ticket }: { ticket: TicketState }) {
  const { preview, market, limit, size, account } = ticket;
  const now = useApp((state) => state.snapshot?.timestamp ?? 0);
  const price = (value: bigint | null | undefined, rounding: 'nearest' | 'ceil' | 'floor' = 'nearest') =>
    value == null ? '—' : formatFixed(value, 18, market.priceDecimals, rounding);
  const liquidation = (value: bigint | null, size: bigint) =>
    value === null ? 'none' : price(value, size > 0n ? 'ceil' : 'floor');
  const p = preview && !preview.failure ? preview : null;
  const after = p?.liquidationAfter;
  const cap = p && size && p.outcome.sizeDelta !== ticket.sign * size && !ticket.form.reduceOnly;
  const held = account?.positions.get(market.id)?.size ?? 0n;
  return (
    <dl className="preview" data-testid="preview">
      {cap && p && (
        <p className="warn small">
          The market’s cap leaves room for {formatSize(p.outcome.sizeDelta, market.sizeDecimals)} {market.symbol}; the
          rest will not fill.
        </p>
      )}
      {p && account && account.pending > 0 && (
        <p className="warn small">{account.pending} of your orders wait for their price; this is without them.</p>
      )}
      <Row label="Fill price" testId="preview-fill" exact={p?.fillPrice}>
        {price(p?.fillPrice)}
      </Row>
      <Row label="Impact · spread" testId="preview-impact">
        {p ? `${formatPercent(p.impact, 3)} · ${formatPercent(p.spread, 3)}` : '—'}
      </Row>
      <Row label="Worst price accepted" testId="preview-limit" exact={limit}>
        {price(limit)}
      </Row>
      <Row
        label="Liquidation price"
        testId="preview-liquidation"
        exact={after?.now}
        tone={after?.now ? 'warn strong' : ''}
        before={p && held !== 0n ? liquidation(p.liquidationBefore.now, held) : null}
      >
        {p && after ? liquidation(after.now, p.size) : '—'}
      </Row>
      <Row label="… after a day of this funding" testId="preview-liquidation-day" exact={after?.inOneDay}>
        {p && after ? liquidation(after.inOneDay, p.size) : '—'}
      </Row>
      <Row label="Account leverage" testId="preview-leverage" before={p ? leverageOf(p.before) : null}>
        {p ? leverageOf(p.after) : '—'}
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
      <Row
        label={p && p.discount > 0n ? `Fees: trade (−${p.discount} %) + keeper` : 'Fees: trade + keeper'}
        testId="preview-fee"
        exact={p?.outcome.fee}
      >
        {p ? `${formatUsd(p.outcome.fee, 2, 'ceil')} + ${formatUsd(p.keeperFee, 2, 'ceil')}` : '—'}
      </Row>
      <Row
        testId="preview-funding"
        exact={p?.funding}
        label={
          <>
            Funding next hour <span className="quiet">in {formatClock(3600 - (now % 3600))}</span>
          </>
        }
      >
        {p ? formatSignedUsd(-p.funding) : '—'}
      </Row>
    </dl>
  );
}
