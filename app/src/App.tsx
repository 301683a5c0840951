import { AccountTables } from './AccountTables.tsx';
import { ChartPanel } from './features/chart/ChartPanel.tsx';
import { MarketBar } from './features/markets/MarketBar.tsx';
import { useTicketForm } from './features/ticket/form.ts';
import { SheetBar } from './features/ticket/SheetBar.tsx';
import { Ticket } from './features/ticket/Ticket.tsx';
import { Header } from './Header.tsx';
import { SystemLine } from './SystemLine.tsx';
import { Toasts } from './ui/Toasts.tsx';

export function App() {
  const sheet = useTicketForm((state) => state.sheet);
  return (
    <div className="page">
      <Header />
      <main className="trade">
        <MarketBar />
        <ChartPanel />
        <AccountTables />
        <aside className="side-panel" data-open={sheet} aria-label="Order ticket">
          <Ticket />
        </aside>
      </main>
      <SystemLine />
      <SheetBar />
      <Toasts />
    </div>
  );
}
