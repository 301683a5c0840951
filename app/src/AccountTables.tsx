import { useState } from 'react';
import { useApp } from './data/store.ts';
import { Fills } from './features/orders/Fills.tsx';
import { statusOf } from './features/orders/model.ts';
import { Orders } from './features/orders/Orders.tsx';
import { useHistoryFeed, useOrders } from './features/orders/useOrders.ts';
import { Positions } from './features/positions/Positions.tsx';
import { usePositions } from './features/positions/usePositions.ts';
import { Transfers } from './features/transfer/Transfers.tsx';
import { useWallet } from './features/wallet/store.ts';
import { Tabs } from './ui/Tabs.tsx';

type TableId = 'positions' | 'orders' | 'fills' | 'transfers';

/** Everything of the connected account below the chart. */
export function AccountTables() {
  useHistoryFeed();
  const [table, setTable] = useState<TableId>('positions');
  const address = useWallet((state) => state.address);
  const now = useApp((state) => state.snapshot?.timestamp ?? 0);
  const rows = usePositions();
  const orders = useOrders();
  const open = orders.filter((order) => statusOf(order, now) === 'committed').length;
  const count = (number: number) => (number > 0 ? <span className="count">{number}</span> : null);
  const tabs = [
    { id: 'positions', label: <>Positions {count(rows.length)}</> },
    { id: 'orders', label: <>Orders {count(open)}</> },
    { id: 'fills', label: 'Fills' },
    { id: 'transfers', label: 'Transfers' },
  ] as const;
  return (
    <section className="tables" aria-label="Your account">
      <Tabs name="tables" label="Your account" tabs={tabs} active={table} onChange={setTable} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keys that scroll it. */}
      <div className="panel" role="tabpanel" tabIndex={0} id="panel-tables" aria-labelledby={`tab-tables-${table}`}>
        {!address ? (
          <p className="empty">Connect a wallet to see your positions and orders.</p>
        ) : (
          <>
            {table === 'positions' && <Positions rows={rows} />}
            {table === 'orders' && <Orders orders={orders} />}
            {table === 'fills' && <Fills orders={orders} />}
            {table === 'transfers' && <Transfers />}
          </>
        )}
      </div>
    </section>
  );
}
