import { failure, type OrderService, PlacementRefusedError, RateLimit } from '@tidemark/orders';
import { encodeOrder, type KeptOrder, limitOrder, orderIdOf, orderOf, type SignedOrder } from '@tidemark/sdk';
import { buildSchema, extendSchema, graphql, parse, subscribe } from 'graphql';
import type { Hex } from 'viem';
import { beforeEach, describe, expect, it } from 'vitest';
import { ordersExtension } from './extension.ts';

const account: Hex = `0x${'01'.repeat(20)}${'00'.repeat(12)}`;
const owner: Hex = `0x${'01'.repeat(20)}`;
const signed = (nonce: bigint, of = account): SignedOrder => ({
  market: 1n,
  order: orderOf({ ...limitOrder({ account: of, sizeDelta: 10n ** 12n, price: 10n ** 18n }), nonce }),
  signature: `0x${'ab'.repeat(64)}`,
});
const kept = (order: SignedOrder): KeptOrder => ({ id: orderIdOf(order), status: 'waiting', ...order });

type Listener = Parameters<OrderService['subscribe']>[0];
let orders: KeptOrder[];
let listeners: Set<Listener>;
let warned: string[];
const service = {
  place: async (placed: readonly SignedOrder[]) => {
    if (placed.length === 2) throw new PlacementRefusedError(1, refusal);
    if (placed.length === 3) throw new Error('a secret');
    return placed.map(kept);
  },
  cancel: async ({ orders: ids }: { orders: readonly Hex[] }) =>
    orders.filter(({ id }) => ids.includes(id)).map((order) => ({ ...order, status: 'gone', reason: 'cancelled' })),
  list: () => ({ orders, next: orders.at(-1)?.id ?? null }),
  find: async (id: Hex) => orders.find((order) => order.id === id),
  subscribe: (listener: Listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
} as unknown as OrderService;
const refusal = failure(409, 'NonceTaken', 'The nonce is taken.', 'Sign another.');

const base = buildSchema('scalar Bytes scalar BigInt type Query { head: Int } type Subscription { head: Int }');
function serve(rate = { perSecond: 0.001, burst: 100 }) {
  const limit = new RateLimit(rate);
  const { typeDefs, resolvers } = ordersExtension({ service, limit, warn: (line) => warned.push(line) });
  const schema = extendSchema(base, parse(typeDefs));
  for (const [type, fields] of Object.entries(resolvers))
    for (const [name, one] of Object.entries(fields)) {
      const field = (schema.getType(type) as ReturnType<typeof schema.getQueryType>)?.getFields()[name] as object;
      Object.assign(field, typeof one === 'function' ? { resolve: one } : one);
    }
  const contextValue = { address: '127.0.0.1' };
  return {
    limit,
    ask: (source: string, variableValues: Record<string, unknown> = {}) =>
      graphql({ schema, source, variableValues, contextValue }),
    follow: (source: string) => subscribe({ schema, document: parse(source), contextValue }),
  };
}

beforeEach(() => {
  [orders, listeners, warned] = [[kept(signed(1n))], new Set(), []];
});

const PLACE =
  'mutation ($orders: [SignedOrderInput!]!) { placeOrder(orders: $orders) { id market terms status byContract reason } }';

describe('an order service in the schema of the gateway', () => {
  it('takes signed orders as the HTTP interface does', async () => {
    const order = signed(7n);
    const { data } = await serve().ask(PLACE, { orders: [encodeOrder(order)] });
    expect(data?.placeOrder).toEqual([
      {
        id: orderIdOf(order),
        market: '1',
        terms: `${order.order.terms}`,
        status: 'waiting',
        byContract: false,
        reason: null,
      },
    ]);
  });

  it('refuses with code, place and what to do', async () => {
    const wire = [encodeOrder(signed(1n)), encodeOrder(signed(2n))];
    const { data, errors } = await serve().ask(PLACE, { orders: wire });
    expect(data).toBeNull();
    expect(errors?.[0]?.message).toBe('The nonce is taken.');
    expect(errors?.[0]?.extensions).toEqual({
      code: 'NonceTaken',
      what: 'The nonce is taken.',
      next: 'Sign another.',
      retryable: false,
      status: 409,
      place: 1,
    });
  });

  it.each([
    ['a word that is no number', { terms: '0x5' }],
    ['a word written otherwise', { terms: '05' }],
    ['an account in capitals', { account: `0x${'AB'.repeat(32)}` }],
    ['a market too large', { market: '256' }],
  ])('refuses %s as malformed', async (_, change) => {
    const { errors } = await serve().ask(PLACE, { orders: [{ ...encodeOrder(signed(1n)), ...change }] });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'Malformed', status: 400, next: expect.any(String) });
  });

  it('tells of its own troubles only that there are some', async () => {
    const wire = Array(3).fill(encodeOrder(signed(1n)));
    const { errors } = await serve().ask(PLACE, { orders: wire });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'Internal', status: 500, retryable: true });
    expect(JSON.stringify(errors)).not.toContain('secret');
    expect(warned).toEqual(['Error: a secret']);
  });

  it('charges an address one token for each order and each request', async () => {
    const { ask } = serve({ perSecond: 0.001, burst: 3 });
    expect((await ask('{ keptOrders { next } }')).errors).toBeUndefined();
    expect((await ask(PLACE, { orders: [encodeOrder(signed(1n))] })).errors).toBeUndefined();
    const { errors } = await ask(PLACE, { orders: Array(3).fill(encodeOrder(signed(1n))) });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'RateLimited', status: 429, retryAfter: expect.any(Number) });
  });

  it('lists, finds and cancels', async () => {
    const { ask } = serve();
    const [{ id } = kept(signed(1n))] = orders;
    const listed = await ask(
      '{ keptOrders(owner: "0x0101010101010101010101010101010101010101") { orders { id } next } }',
    );
    expect(listed.data).toEqual({ keptOrders: { orders: [{ id }], next: id } });
    expect((await ask(`{ keptOrder(id: "${id}") { id } }`)).data).toEqual({ keptOrder: { id } });
    expect((await ask(`{ keptOrder(id: "0x${'00'.repeat(32)}") { id } }`)).data).toEqual({ keptOrder: null });
    const cancel = `mutation { cancelOrder(owner: "${owner}", orders: ["${id}"], expiry: "5", signature: "0x00") { status reason } }`;
    expect((await ask(cancel)).data).toEqual({ cancelOrder: [{ status: 'gone', reason: 'cancelled' }] });
    expect((await ask('{ keptOrders(owner: "me") { next } }')).errors?.[0]?.extensions).toMatchObject({
      code: 'Malformed',
    });
  });
});

describe('following the orders of an account', () => {
  const FOLLOW = `subscription { keptOrders(account: "${account}") { id } }`;
  const follow = async () => {
    const stream = await serve().follow(FOLLOW);
    if (!(Symbol.asyncIterator in stream)) throw new Error(JSON.stringify(stream));
    return stream;
  };
  const tell = (change: Parameters<Listener>[0]) => {
    for (const listener of listeners) listener(change);
  };

  it('tells them at once, then after each change of theirs and of nobody else', async () => {
    const stream = await follow();
    const [first] = orders as [KeptOrder];
    expect((await stream.next()).value).toEqual({ data: { keptOrders: [{ id: first.id }] } });
    const stranger = kept(signed(9n, `0x${'02'.repeat(20)}${'00'.repeat(12)}`));
    const second = kept(signed(2n));
    tell({ event: 'placed', order: stranger });
    tell({ event: 'gone', id: stranger.id, reason: 'filled' });
    const next = stream.next();
    orders = [first, second];
    tell({ event: 'placed', order: second });
    expect((await next).value).toEqual({ data: { keptOrders: [{ id: first.id }, { id: second.id }] } });
    const after = stream.next();
    orders = [second];
    tell({ event: 'gone', id: first.id, reason: 'filled' });
    expect((await after).value).toEqual({ data: { keptOrders: [{ id: second.id }] } });
  });

  it('ends while it waits, and listens no longer', async () => {
    const stream = await follow();
    await stream.next();
    const waiting = stream.next();
    await stream.return?.(undefined);
    expect((await waiting).done).toBe(true);
    expect(listeners.size).toBe(0);
  });

  it('of nobody is refused', async () => {
    const answer = await serve().follow('subscription { keptOrders { id } }');
    expect(answer).toMatchObject({ errors: [{ extensions: { code: 'Malformed' } }] });
  });
});
