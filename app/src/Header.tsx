import { useApp } from './data/store.ts';
import { AccountButton } from './features/wallet/AccountButton.tsx';
import { Logo, MoonIcon, SunIcon } from './ui/icons.tsx';
import { toggleTheme, useTheme } from './ui/theme.ts';

export function Header() {
  const client = useApp((state) => state.client);
  const latency = useApp((state) => state.latency);
  const answers = useApp((state) => state.answers);
  const theme = useTheme((state) => state.theme);
  return (
    <header className="header">
      <p className="brand">
        <Logo /> Tidemark
      </p>
      <div className="header-end">
        <p className="pill wide-only" data-testid="network">
          <span className={answers ? 'dot up' : 'dot down'} aria-hidden="true" />
          {client.chain.name}{' '}
          <span className="quiet latency">{answers ? latency !== null && `${latency} ms` : 'no answer'}</span>
        </p>
        <button
          type="button"
          className="icon-button framed"
          data-testid="theme"
          aria-label={theme === 'dark' ? 'Switch to light' : 'Switch to dark'}
          onClick={toggleTheme}
        >
          {theme === 'dark' ? <SunIcon /> : <MoonIcon />}
        </button>
        <AccountButton />
      </div>
    </header>
  );
}
