import type { Hex } from 'viem';

/** Where an order waits in its market's queue. */
export interface OrderRef {
  market: number;
  index: string;
}

/**
 * The life of one thing somebody asked for: simulating → wallet → submitted → mined → awaitingKeeper → executed. What is
 * asked of a server instead of the chain is `asked` until it is done; a `notice` tells of something nobody asked for.
 */
export type TxState =
  | { stage: 'simulating' | 'wallet' | 'asked' }
  | { stage: 'submitted'; hash: Hex; replaced: boolean }
  | { stage: 'mined'; hash: Hex }
  | { stage: 'awaitingKeeper'; hash: Hex; order: OrderRef }
  | { stage: 'executed'; hash: Hex | null; detail: string }
  | { stage: 'failed' | 'reverted'; hash: Hex | null; reason: string; next: string }
  | { stage: 'rejected' | 'cancelled' | 'dropped' }
  | { stage: 'notice'; detail: string };

export interface Tx {
  id: string;
  /** What it does, in words: `Long 0.5 ETH`. */
  label: string;
  state: TxState;
}

export type TxEvent =
  | { type: 'simulated' }
  | { type: 'sent'; hash: Hex }
  | { type: 'replaced'; hash: Hex }
  | { type: 'mined' }
  | { type: 'queued'; order: OrderRef }
  | { type: 'executed'; detail: string }
  | { type: 'failed'; reason: string; next: string }
  | { type: 'reverted'; reason: string; next: string }
  | { type: 'rejected' }
  | { type: 'cancelled' }
  | { type: 'dropped' };

const hashOf = (state: TxState): Hex | null => ('hash' in state ? state.hash : null);

export function isOver({ stage }: TxState): boolean {
  return !['simulating', 'wallet', 'asked', 'submitted', 'mined', 'awaitingKeeper'].includes(stage);
}

/** What an event makes of a state. An event that cannot follow, such as one after the end, changes nothing. */
export function advance(state: TxState, event: TxEvent): TxState {
  if (isOver(state)) return state;
  const hash = hashOf(state);
  switch (event.type) {
    case 'simulated':
      return state.stage === 'simulating' ? { stage: 'wallet' } : state;
    case 'sent':
      return state.stage === 'wallet' ? { stage: 'submitted', hash: event.hash, replaced: false } : state;
    case 'replaced':
      return state.stage === 'submitted' ? { stage: 'submitted', hash: event.hash, replaced: true } : state;
    case 'mined':
      return state.stage === 'submitted' ? { stage: 'mined', hash: state.hash } : state;
    case 'queued':
      return state.stage === 'mined' ? { stage: 'awaitingKeeper', hash: state.hash, order: event.order } : state;
    case 'executed':
      return hash || state.stage === 'asked' ? { stage: 'executed', hash, detail: event.detail } : state;
    case 'failed':
    case 'reverted':
      return { stage: event.type, hash, reason: event.reason, next: event.next };
    case 'rejected':
    case 'cancelled':
    case 'dropped':
      return { stage: event.type };
  }
}

/** What people read of a state. */
export function describe({ label, state }: Tx): string {
  switch (state.stage) {
    case 'simulating':
      return `${label}: checking on the chain`;
    case 'wallet':
      return `${label}: confirm in your wallet`;
    case 'asked':
      return `${label}: asked for`;
    case 'submitted':
      return `${label}: ${state.replaced ? 'sped up, ' : ''}waiting for a block`;
    case 'mined':
      return `${label}: in a block`;
    case 'awaitingKeeper':
      return `${label}: committed, waiting for its price`;
    case 'executed':
    case 'notice':
      return `${label}: ${state.detail}`;
    case 'failed':
      return `${label} failed: ${state.reason} ${state.next}`;
    case 'reverted':
      return `${label} ${state.hash ? 'reverted' : 'was not sent'}: ${state.reason} ${state.next}`;
    case 'rejected':
      return `${label}: declined in the wallet, nothing was sent`;
    case 'cancelled':
      return `${label}: cancelled by another transaction, nothing was done`;
    case 'dropped':
      return `${label}: dropped by the network, nothing was done; send it again`;
  }
}
