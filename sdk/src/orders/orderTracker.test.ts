import type { Hex } from 'viem';
import { describe, expect, it } from 'vitest';
import type { EngineEvent } from '../actions/events.ts';
import { limitOrder, stopLoss } from './builders.ts';
import { orderOf } from './orderOf.ts';
import { OrderTracker, standingOf } from './orderTracker.ts';
import type { SignedOrder } from './signedOrders.ts';

const account: Hex = `0x${'01'.repeat(32)}`;
const other: Hex = `0x${'02'.repeat(32)}`;
const signed = (nonce: bigint, more: object = {}, market = 1n): SignedOrder => ({
  market,
  order: orderOf({ ...limitOrder({ account, sizeDelta: 10n ** 12n, price: 10n ** 18n }), nonce, ...more }),
  signature: '0x',
});
const attached = (nonce: bigint): SignedOrder => ({
  market: 1n,
  order: orderOf({ ...stopLoss({ account, position: { size: 1n, generation: 3n }, price: 1n }), nonce }),
  signature: '0x',
});

const event = (eventName: EngineEvent['eventName'], blockNumber: bigint, args: object) =>
  ({ eventName, blockNumber, args }) as unknown as EngineEvent;
const committed = (block: bigint, index: bigint, orders: readonly SignedOrder[]) =>
  event('BatchCommitted', block, { place: index | (1n << 56n), orders: orders.map(({ order }) => order) });
const filled = (block: bigint, index: bigint, whose = account) =>
  event('OrderFilled', block, {
    account: whose,
    change: 0n,
    position: 0n,
    paid: (1n << 232n) | (index << 192n),
    poolPays: 0n,
  });
const released = (block: bigint, index: bigint) =>
  event('OrderReleased', block, { market: 1n, account, index, nonce: 1n });
const failed = (block: bigint, index: bigint) => event('OrderFailed', block, { market: 1n, account, index });

function tracking(...orders: SignedOrder[]) {
  const tracker = new OrderTracker();
  const tracked = orders.map((order) => tracker.add(order));
  const standings = () => tracked.map((order) => standingOf(order).reason ?? standingOf(order).status);
  return { tracker, tracked, standings };
}

describe('OrderTracker', () => {
  it('follows an order through its commit and its fill', () => {
    const { tracker, tracked, standings } = tracking(signed(1n));
    expect([...tracker.apply([committed(5n, 0n, [signed(1n)])]).changed]).toEqual(tracked);
    expect(standings()).toEqual(['committed']);
    tracker.apply([filled(6n, 1n), filled(6n, 0n, other)]);
    expect(standings()).toEqual(['committed']);
    tracker.apply([filled(7n, 0n)]);
    expect(standings()).toEqual(['filled']);
  });

  it('tells several orders of an account in a batch apart, also from one it does not know', () => {
    const { tracker, standings } = tracking(signed(1n), signed(3n));
    tracker.apply([committed(5n, 4n, [signed(1n), signed(2n), signed(3n)])]);
    tracker.apply([failed(6n, 4n), filled(6n, 4n), released(6n, 4n)]);
    expect(standings()).toEqual(['failed', 'waiting']);
  });

  it('has a released order judged, which waits again', () => {
    const { tracker, tracked, standings } = tracking(signed(1n));
    const { doubtful } = tracker.apply([committed(5n, 0n, [signed(1n)]), released(6n, 0n)]);
    expect([standings(), [...doubtful]]).toEqual([['waiting'], tracked]);
    tracker.apply([committed(7n, 1n, [signed(1n)]), filled(8n, 1n)]);
    expect(standings()).toEqual(['filled']);
  });

  it('has one judged that is released though its commit was not seen', () => {
    const { tracker, tracked, standings } = tracking(signed(1n), signed(2n));
    for (const order of tracked) order.marks.push({ kind: 'gone', block: 5n, reason: 'nonce used' });
    const { doubtful } = tracker.apply([released(6n, 9n)]);
    expect([standings(), [...doubtful]]).toEqual([['waiting', 'nonce used'], [tracked[0]]]);
  });

  it('takes back what a lost block brought, and nothing else', () => {
    const { tracker, standings } = tracking(signed(1n), signed(2n));
    tracker.apply([committed(5n, 0n, [signed(1n)]), committed(6n, 1n, [signed(2n)]), filled(7n, 0n), filled(8n, 1n)]);
    expect(tracker.rewind(9n)).toEqual([]);
    expect(tracker.rewind(8n)).toHaveLength(1);
    expect(standings()).toEqual(['filled', 'committed']);
    tracker.rewind(6n);
    expect(standings()).toEqual(['committed', 'waiting']);
  });

  it('ends those whose nonce is cancelled, or used by another order', () => {
    const { tracker, standings } = tracking(signed(1n), signed(2n), signed(257n));
    tracker.apply([event('NoncesCancelled', 5n, { account, word: 1n, nonces: 2n })]);
    expect(standings()).toEqual(['waiting', 'waiting', 'nonce used']);
    tracker.apply([committed(6n, 0n, [signed(1n, { limitPrice: 5n })])]);
    expect(standings()).toEqual(['nonce used', 'waiting', 'nonce used']);
  });

  it('ends what expires unsettled, and what waits in a market that ends', () => {
    const { tracker, standings } = tracking(signed(1n), signed(2n), signed(3n, {}, 2n));
    tracker.apply([committed(5n, 4n, [signed(1n)]), event('BatchesExpired', 6n, { market: 1n, from: 0n, to: 4n })]);
    expect(standings()).toEqual(['committed', 'waiting', 'waiting']);
    tracker.apply([
      event('BatchesExpired', 7n, { market: 1n, from: 4n, to: 5n }),
      event('MarketClosed', 8n, { market: 1n }),
    ]);
    expect(standings()).toEqual(['expired', 'market closed', 'waiting']);
  });

  it('ends those whose deadline has passed, and brings them back with the time', () => {
    const { tracker, standings } = tracking(signed(1n, { deadline: 100n }), signed(2n));
    expect(tracker.expire(5n, 100n)).toEqual([]);
    expect(tracker.expire(6n, 101n)).toHaveLength(1);
    expect(standings()).toEqual(['deadline passed', 'waiting']);
    tracker.rewind(6n);
    expect(standings()).toEqual(['waiting', 'waiting']);
  });

  it('has those judged that are attached to a position that changed', () => {
    const { tracker, tracked } = tracking(attached(1n), signed(2n), { ...attached(3n), market: 2n });
    const paid = 1n << 232n;
    const closing = event('PositionClosed', 5n, { account, change: 0n, position: 0n, paid, poolPays: 0n });
    expect([...tracker.apply([closing]).doubtful]).toEqual([tracked[0]]);
    const liquidated = event('PositionLiquidated', 6n, { account, market: 2n });
    expect([...tracker.apply([liquidated]).doubtful]).toEqual([tracked[2]]);
  });

  it('keeps what was cancelled cancelled, unless it fills all the same', () => {
    const { tracker, tracked, standings } = tracking(signed(1n), signed(2n));
    tracker.apply([committed(5n, 0n, [signed(1n), signed(2n)])]);
    for (const order of tracked) order.marks.push({ kind: 'gone', block: null, reason: 'cancelled' });
    tracker.rewind(0n);
    expect(standings()).toEqual(['cancelled', 'cancelled']);
    tracker.apply([committed(6n, 1n, [signed(1n), signed(2n)]), filled(7n, 1n), released(7n, 1n)]);
    expect(standings()).toEqual(['filled', 'cancelled']);
  });

  it('forgets what was gone before a block', () => {
    const { tracker } = tracking(signed(1n), signed(2n), signed(3n));
    tracker.apply([committed(5n, 0n, [signed(1n)]), filled(6n, 0n), committed(7n, 1n, [signed(2n)]), filled(8n, 1n)]);
    tracker.forget(8n);
    expect([...tracker.list()].map(({ signed: { order } }) => order.terms)).toEqual(
      [signed(2n), signed(3n)].map(({ order }) => order.terms),
    );
  });
});
