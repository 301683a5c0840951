import { useEffect } from 'react';
import { describe, isOver, type Tx } from '../tx/machine.ts';
import { dismiss, useTxs } from '../tx/store.ts';
import { CloseIcon } from './icons.tsx';

const LINGER_MS = 8_000;

function Toast({ tx }: { tx: Tx }) {
  const { stage } = tx.state;
  const good = stage === 'executed';
  const bad = ['failed', 'reverted', 'dropped', 'notice'].includes(stage);
  const over = isOver(tx.state);
  const passes = over && !bad;
  useEffect(() => {
    if (!passes) return;
    const timer = setTimeout(() => dismiss(tx.id), LINGER_MS);
    return () => clearTimeout(timer);
  }, [passes, tx.id]);
  return (
    <li className={`toast ${good ? 'good' : bad ? 'bad' : over ? 'over' : ''}`} data-testid="toast" data-stage={stage}>
      <span className={over ? 'toast-mark' : 'spinner'} aria-hidden="true">
        {good ? '✓' : bad ? '!' : over ? '–' : ''}
      </span>
      <p>{describe(tx)}</p>
      {over && (
        <button type="button" className="icon-button" aria-label="Dismiss" onClick={() => dismiss(tx.id)}>
          <CloseIcon />
        </button>
      )}
    </li>
  );
}

/** What is under way and how it ended: what went well or was declined goes by itself, what failed stays. Each step is said once, politely. */
export function Toasts() {
  const txs = useTxs((state) => state.txs);
  const announcement = useTxs((state) => state.announcement);
  return (
    <>
      <p className="hidden-text" role="status" aria-live="polite" data-testid="announcement">
        {announcement}
      </p>
      <section aria-label="Transactions">
        <ul className="toasts">
          {txs.slice(0, 4).map((tx) => (
            <Toast key={tx.id} tx={tx} />
          ))}
        </ul>
      </section>
    </>
  );
}
