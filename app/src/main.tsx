import '@fontsource-variable/inter/wght.css';
import './ui/tokens.css';
import './ui/controls.css';
import './ui/layout.css';
import { createRoot } from 'react-dom/client';
import { App } from './App.tsx';
import { loadConfig } from './config.ts';
import { createChainClient } from './data/client.ts';
import { startFeeds } from './data/feed.ts';
import { useApp } from './data/store.ts';
import { listenForWallets } from './features/wallet/store.ts';
import { resumeTransactions } from './tx/send.ts';
import { startTheme } from './ui/theme.ts';

async function start(root: HTMLElement): Promise<void> {
  startTheme();
  try {
    const config = await loadConfig();
    useApp.setState({ config, client: createChainClient(config), marketId: config.markets[0]?.id ?? 0 });
    startFeeds();
    listenForWallets(config);
    resumeTransactions();
    createRoot(root).render(<App />);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    createRoot(root).render(
      <main className="startup-problem" role="alert">
        <h1>Tidemark could not start</h1>
        <p>{message}</p>
      </main>,
    );
  }
}

const root = document.getElementById('root');
if (root) void start(root);
