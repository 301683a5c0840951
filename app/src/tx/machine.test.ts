import { expect, test } from 'vitest';
import { advance, describe, isOver, type TxEvent, type TxState } from './machine.ts';

const hash = '0xaa';
const run = (...events: TxEvent[]): TxState => events.reduce(advance, { stage: 'simulating' } as TxState);
const order = { market: 0, index: '3' };

test('an order goes through every stage to executed', () => {
  const until = [{ type: 'simulated' }, { type: 'sent', hash }, { type: 'mined' }, { type: 'queued', order }] as const;
  expect(until.map((_, count) => run(...until.slice(0, count + 1)).stage)).toEqual([
    'wallet',
    'submitted',
    'mined',
    'awaitingKeeper',
  ]);
  expect(run(...until, { type: 'executed', detail: 'filled' })).toEqual({ stage: 'executed', hash, detail: 'filled' });
});

test('a speed-up keeps waiting for the new hash', () => {
  const state = run({ type: 'simulated' }, { type: 'sent', hash }, { type: 'replaced', hash: '0xbb' });
  expect(state).toEqual({ stage: 'submitted', hash: '0xbb', replaced: true });
});

test('nothing follows an end', () => {
  const ended = run({ type: 'rejected' });
  expect(isOver(ended)).toBe(true);
  expect(advance(ended, { type: 'sent', hash })).toBe(ended);
});

test('an event out of turn changes nothing', () => {
  const state = run();
  expect(advance(state, { type: 'mined' })).toBe(state);
  expect(advance(state, { type: 'queued', order })).toBe(state);
  expect(advance(state, { type: 'executed', detail: '' })).toBe(state);
});

test('what was refused before it was sent is not called reverted', () => {
  const refused = run({ type: 'reverted', reason: 'Too much.', next: 'Less.' });
  expect(describe({ id: '', label: 'Long 1 ETH', state: refused })).toBe('Long 1 ETH was not sent: Too much. Less.');
});

test('a failure keeps reason, next step and hash', () => {
  const state = run({ type: 'simulated' }, { type: 'sent', hash }, { type: 'reverted', reason: 'a', next: 'b' });
  expect(state).toEqual({ stage: 'reverted', hash, reason: 'a', next: 'b' });
});
