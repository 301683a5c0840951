import { create } from 'zustand';

export type Theme = 'dark' | 'light';

const STORED = 'tidemark.theme';
const system = (): Theme => (matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark');
const chosen = (): Theme | null => {
  const stored = localStorage.getItem(STORED);
  return stored === 'dark' || stored === 'light' ? stored : null;
};

export const useTheme = create<{ theme: Theme }>(() => ({ theme: chosen() ?? system() }));

const paint = () => {
  document.documentElement.dataset.theme = useTheme.getState().theme;
};

/** Follows the system until somebody chooses. */
export function startTheme(): void {
  paint();
  useTheme.subscribe(paint);
  matchMedia('(prefers-color-scheme: light)').addEventListener('change', () => {
    if (!chosen()) useTheme.setState({ theme: system() });
  });
}

export function toggleTheme(): void {
  const theme = useTheme.getState().theme === 'dark' ? 'light' : 'dark';
  localStorage.setItem(STORED, theme);
  useTheme.setState({ theme });
}
