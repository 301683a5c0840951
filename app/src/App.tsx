import { AccountTables } from './AccountTables.tsx';
import { useApp } from './data/store.ts';
import { ChartPanel } from './features/chart/ChartPanel.tsx';
import { MarketBar } from './features/markets/MarketBar.tsx';
import { Ticket } from './features/ticket/Ticket.tsx';
import { Header } from './Header.tsx';
import { SystemLine } from './SystemLine.tsx';
import { Toasts } from './ui/Toasts.tsx';

export function App() {
  const marketId = useApp((state) => state.marketId);
  return (
    <div className="page">
      <Header />
      <main className="trade">
        <MarketBar />
        <ChartPanel />
        <AccountTables />
        <aside className="side-panel" aria-label="Order ticket">
          <Ticket key={marketId} />
        </aside>
      </main>
      <SystemLine />
      <Toasts />
    </div>
  );
}
