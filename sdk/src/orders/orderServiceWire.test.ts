import { privateKeyToAccount } from 'viem/accounts';
import { describe, expect, it } from 'vitest';
import { limitOrder } from './builders.ts';
import { orderOf } from './orderOf.ts';
import { OrderServiceMalformedError } from './orderServiceErrors.ts';
import { decodeEvents, encodeEvent, encodeSnapshot, HEARTBEAT, SNAPSHOT_PART } from './orderServiceStream.ts';
import {
  cancelTypedData,
  decodeCancellation,
  decodeKept,
  decodeOrders,
  encodeCancellation,
  encodeKept,
  encodeOrder,
  type KeptOrder,
  orderIdOf,
} from './orderServiceWire.ts';
import type { SignedOrder } from './signedOrders.ts';
import { hashOrder } from './typedData.ts';

const key = privateKeyToAccount(`0x${'11'.repeat(32)}`);
const domain = { engine: `0x${'22'.repeat(20)}`, chainId: 901 } as const;
const signed = (nonce: bigint): SignedOrder => ({
  market: 1n,
  order: orderOf({
    ...limitOrder({ account: `0x${'01'.repeat(32)}`, sizeDelta: -(10n ** 12n), price: 10n ** 18n }),
    nonce,
  }),
  signature: `0x${'ab'.repeat(64)}`,
});
const kept = (nonce: bigint, more: Partial<KeptOrder> = {}): KeptOrder => {
  const order = signed(nonce);
  return { id: orderIdOf(order), status: 'waiting', ...order, ...more };
};
const json = (value: unknown) => JSON.parse(JSON.stringify(value));

describe('the wire format', () => {
  it('brings orders as they are', () => {
    const orders = [signed(1n), { ...signed(2n), byContract: true }];
    expect(decodeOrders(json({ version: 1, orders: orders.map(encodeOrder) }))).toEqual(orders);
    for (const order of [kept(1n), kept(2n, { status: 'committed' }), kept(3n, { status: 'gone', reason: 'filled' })])
      expect(decodeKept(json(encodeKept(order)))).toEqual(order);
  });

  it('passes on nothing but an order', () => {
    const more = { ...encodeOrder(signed(1n)), byContract: 'yes', constructor: 1, extra: {} };
    expect(decodeOrders(json({ version: 1, orders: [more] }))).toEqual([signed(1n)]);
  });

  it.each([
    ['an id that is not the hash of the order', { id: orderIdOf(signed(2n)) }],
    ['a status that is none', { status: 'lost' }],
    ['a reason that is none', { status: 'gone', reason: 'bored' }],
  ])('does not take %s', (_what, change) => {
    const wire = { ...encodeKept(kept(1n)), ...change };
    expect(() => decodeKept(json(wire))).toThrow(OrderServiceMalformedError);
  });

  it('brings a cancellation, whose signature is none of an order', async () => {
    const cancelling = { owner: key.address, orders: [orderIdOf(signed(1n))], expiry: 2n ** 40n };
    const typedData = cancelTypedData({ ...domain, ...cancelling });
    const cancellation = { ...cancelling, signature: await key.signTypedData(typedData) };
    expect(decodeCancellation(json(encodeCancellation(cancellation)))).toEqual(cancellation);
    expect(typedData.domain.name).not.toBe('Tidemark');
    expect(orderIdOf(signed(1n))).not.toBe(hashOrder({ ...domain, ...signed(1n) }));
  });

  it.each([
    ['no owner', { owner: undefined }],
    ['an owner that is none', { owner: '0x12' }],
    ['no orders', { orders: [] }],
    ['an id too short', { orders: ['0x12'] }],
    ['an expiry that is a number', { expiry: 5 }],
    ['no signature', { signature: undefined }],
  ])('does not take a cancellation with %s', (_what, change) => {
    const sound = { owner: key.address, orders: [orderIdOf(signed(1n))], expiry: 5n, signature: '0x12' } as const;
    const wire = { ...encodeCancellation(sound), ...change };
    expect(() => decodeCancellation(json(wire))).toThrow(OrderServiceMalformedError);
  });
});

describe('the stream', () => {
  /** Reads what is sent, in pieces of some bytes. */
  async function read(text: string, size: number) {
    const bytes = new TextEncoder().encode(text);
    let at = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (at >= bytes.length) controller.close();
        else controller.enqueue(bytes.subarray(at, at + size));
        at += size;
      },
    });
    const found = [];
    for await (const chunk of decodeEvents(body, () => {})) found.push(chunk);
    return found;
  }

  it('tells what was sent, however it is cut', async () => {
    const events = [
      { event: 'placed', order: kept(1n) },
      { event: 'committed', id: kept(1n).id },
      { event: 'gone', id: kept(1n).id, reason: 'filled' },
    ] as const;
    const text = events.map((event, i) => encodeEvent(event, `${i}`)).join(HEARTBEAT);
    for (const size of [1, 7, 100_000]) {
      const told = (await read(text, size)).filter(({ event }) => event !== null);
      expect(told).toEqual(events.map((event, i) => ({ id: `${i}`, event })));
    }
  });

  it('tells a snapshot when it is whole', async () => {
    for (const count of [0, 1, SNAPSHOT_PART, SNAPSHOT_PART + 1]) {
      const orders = Array.from({ length: count }, (_, i) => kept(BigInt(i + 1)));
      const parts = [...encodeSnapshot(orders, 'last')];
      expect(parts).toHaveLength(Math.max(1, Math.ceil(count / SNAPSHOT_PART)));
      expect(await read(parts.join(''), 10_000)).toEqual([{ id: 'last', event: { event: 'snapshot', orders } }]);
    }
    const broken = [...encodeSnapshot(Array(SNAPSHOT_PART + 1).fill(kept(1n)), 'last')][0] as string;
    expect(await read(broken, 10_000)).toEqual([]);
  });

  it('passes over events of a later version, and takes nothing malformed', async () => {
    const later = 'id: 5\nevent: moved\ndata: {"version":1}\n\n';
    expect(await read(later, 100)).toEqual([{ id: '5', event: null }]);
    for (const data of ['{', '{"version":2}', '{"version":1,"order":{}}'])
      await expect(read(`event: placed\ndata: ${data}\n\n`, 100)).rejects.toBeInstanceOf(OrderServiceMalformedError);
    await expect(read('x'.repeat(5_000_000), 100_000)).rejects.toBeInstanceOf(OrderServiceMalformedError);
  });
});
