import { create } from 'zustand';
import { advance, describe, isOver, type Tx, type TxEvent, type TxState } from './machine.ts';

/** Every transaction of this page, newest first. Unfinished ones survive a reload. */
export const useTxs = create<{ txs: readonly Tx[]; announcement: string }>(() => ({ txs: [], announcement: '' }));

const STORED = 'tidemark.txs';

function save(): void {
  const open = useTxs.getState().txs.filter(({ state }) => !isOver(state) && 'hash' in state);
  sessionStorage.setItem(STORED, JSON.stringify(open));
}

/** @returns Its id, for {@link dispatch}. */
export function begin(label: string, state: TxState = { stage: 'simulating' }): string {
  const tx: Tx = { id: crypto.randomUUID(), label, state };
  useTxs.setState(({ txs }) => ({ txs: [tx, ...txs].slice(0, 20), announcement: describe(tx) }));
  return tx.id;
}

export function dispatch(id: string, event: TxEvent): void {
  useTxs.setState(({ txs, announcement }) => {
    let said = announcement;
    const next = txs.map((tx) => {
      if (tx.id !== id) return tx;
      const after = { ...tx, state: advance(tx.state, event) };
      if (after.state !== tx.state) said = describe(after);
      return after;
    });
    return { txs: next, announcement: said };
  });
  save();
}

export function dismiss(id: string): void {
  useTxs.setState(({ txs }) => ({ txs: txs.filter((tx) => tx.id !== id) }));
}

/** What a reload left unfinished. */
export function restore(): readonly Tx[] {
  const txs = JSON.parse(sessionStorage.getItem(STORED) ?? '[]') as Tx[];
  useTxs.setState({ txs });
  return txs;
}
