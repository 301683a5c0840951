import { connect } from 'node:net';
import {
  encodeOrder,
  type KeptOrder,
  limitOrder,
  OrderServiceClient,
  type OrderServiceEvent,
  orderIdOf,
  orderOf,
  type SignedOrder,
} from '@tidemark/sdk';
import type { Hex } from 'viem';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { OrderChange, OrderService } from './orderService.ts';
import { RateLimit } from './rateLimit.ts';
import { MAX_BODY, type RunningServer, type ServerOptions, startServer } from './server.ts';
import { DEFAULT_STREAM_LIMITS } from './streams.ts';

// What stands between the network and an order service; devnet/test/orderService.test.ts has the service itself.

vi.setConfig({ testTimeout: 60_000 });

const account: Hex = `0x${'01'.repeat(32)}`;
const signed = (nonce: bigint, signature: Hex = `0x${'ab'.repeat(64)}`): SignedOrder => ({
  market: 1n,
  order: orderOf({ ...limitOrder({ account, sizeDelta: 10n ** 12n, price: 10n ** 18n }), nonce }),
  signature,
});
const kept = (nonce: bigint, signature?: Hex): KeptOrder => {
  const order = signed(nonce, signature);
  return { id: orderIdOf(order), status: 'waiting', ...order };
};
const wire = encodeOrder(signed(1n));

let waiting: KeptOrder[] = [];
let listener: (change: OrderChange) => void = () => {};
const tell = (change: OrderChange) => listener(change);
/** Takes everything. */
const service = {
  block: 7n,
  place: async (orders: readonly SignedOrder[]) =>
    orders.map((order) => ({ id: orderIdOf(order), status: 'waiting' as const, ...order })),
  cancel: async () => [],
  list: () => ({ orders: waiting, next: null }),
  find: async (id: Hex) => waiting.find((order) => order.id === id),
  snapshot: () => waiting,
  subscribe: (to: typeof listener) => {
    listener = to;
    return () => {};
  },
} as unknown as OrderService;

const servers: RunningServer[] = [];
const endings: AbortController[] = [];
async function serve(more: Partial<ServerOptions> = {}) {
  const options = {
    port: 0,
    service,
    silence: () => 0,
    warn: () => {},
    limit: new RateLimit({ perSecond: 1, burst: 1_000 }),
  };
  const server = await startServer({ ...options, ...more });
  servers.push(server);
  const url = `http://127.0.0.1:${server.port}`;
  const post = (body: string, headers = {}) => fetch(`${url}/orders`, { method: 'POST', body, headers });
  return { url, port: server.port, post, client: new OrderServiceClient({ url, retries: [5, 20] }) };
}

afterEach(async () => {
  for (const ending of endings.splice(0)) ending.abort();
  for (const server of servers.splice(0)) await server.close();
  waiting = [];
});

const order = (change: object) => JSON.stringify({ version: 1, orders: [{ ...wire, ...change }] });

describe('a body', () => {
  it.each([
    ['of nothing', ''],
    ['that is cut short', '{"version":1'],
    ['that is no text', '\u0000'],
    ['that is a list', '[]'],
    ['that is null', 'null'],
    ['without a version', JSON.stringify({ orders: [wire] })],
    ['of another version', JSON.stringify({ version: 2, orders: [wire] })],
    ['without orders', JSON.stringify({ version: 1 })],
    ['of no orders', JSON.stringify({ version: 1, orders: [] })],
    ['of too many orders', JSON.stringify({ version: 1, orders: Array(33).fill(wire) })],
    ['of orders in an object', JSON.stringify({ version: 1, orders: { 0: wire, length: 1 } })],
    ['of an order that is none', JSON.stringify({ version: 1, orders: ['0x'] })],
    ['with a number for a word', order({ terms: 5 })],
    ['with a negative word', order({ terms: '-5' })],
    ['with a word in hexadecimal', order({ terms: '0x5' })],
    ['with a word written otherwise', order({ terms: '05' })],
    ['with a word too large', order({ extras: `${2n ** 256n}` })],
    ['with a word without end', order({ extras: '9'.repeat(1_000) })],
    ['with a market too large', order({ market: '256' })],
    ['with an account in capitals', order({ account: `0x${'AB'.repeat(32)}` })],
    ['with an account too short', order({ account: '0x01' })],
    ['with half a byte', order({ signature: '0xabc' })],
    ['with a signature too long', order({ signature: `0x${'ab'.repeat(4_097)}` })],
  ])('%s is refused in clear words', async (_what, body) => {
    const { post } = await serve();
    const response = await post(body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      version: 1,
      error: { code: 'Malformed', what: expect.stringMatching(/^[^\n]+\.$/), retryable: false },
    });
  });

  it('of 32 orders with the longest signatures is taken, a longer one is not', async () => {
    const { post } = await serve();
    const longest = encodeOrder(signed(1n, `0x${'ab'.repeat(4_096)}`));
    const body = JSON.stringify({ version: 1, orders: Array(32).fill(longest) });
    expect(body.length).toBeLessThan(MAX_BODY);
    expect((await post(body)).status).toBe(200);
    const response = await post(`${' '.repeat(MAX_BODY)}{}`);
    expect([response.status, await response.json()]).toMatchObject([413, { error: { code: 'BodyTooLarge' } }]);
  });

  it('without a length is measured as it comes', async () => {
    const { port } = await serve();
    const socket = connect(port, '127.0.0.1');
    const head = 'POST /orders HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';
    socket.write(head);
    const chunk = `10000\r\n${' '.repeat(0x10000)}\r\n`;
    for (let i = 0; i < 5; i++) socket.write(chunk);
    const answer = await new Promise<string>((resolve) => socket.once('data', (bytes) => resolve(String(bytes))));
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
    socket.destroy();
  });
});

describe('a request', () => {
  it.each([
    ['GET', '/', 404, 'NotFound'],
    ['GET', '/orders/0x12', 404, 'NotFound'],
    ['GET', `/orders/0x${'00'.repeat(32)}`, 404, 'OrderUnknown'],
    ['DELETE', '/orders', 405, 'MethodNotAllowed'],
    ['POST', '/orders/stream', 405, 'MethodNotAllowed'],
    ['GET', '/orders?account=0x1', 400, 'Malformed'],
    ['GET', '/orders?owner=me', 400, 'Malformed'],
    ['GET', '/orders?market=-1', 400, 'Malformed'],
    ['GET', '/orders?after=first', 400, 'Malformed'],
    ['GET', '/orders?trader=0x1', 400, 'Malformed'],
  ])('%s %s is answered %i %s', async (method, path, status, code) => {
    const { url } = await serve();
    const response = await fetch(`${url}${path}`, { method });
    expect([response.status, await response.json()]).toMatchObject([status, { error: { code } }]);
  });

  it('from a page of another origin is permitted', async () => {
    const { url } = await serve();
    const asked = await fetch(`${url}/orders`, { method: 'OPTIONS', headers: { origin: 'http://page.test' } });
    expect(asked.status).toBe(204);
    expect(asked.headers.get('access-control-allow-methods')).toBe('GET, POST');
    expect(asked.headers.get('access-control-allow-headers')).toContain('content-type');
    expect((await fetch(`${url}/orders`)).headers.get('access-control-allow-origin')).toBe('*');
  });

  it('too many of an address are refused, each order counted, and others are not', async () => {
    const { url, client, post } = await serve({
      limit: new RateLimit({ perSecond: 0.001, burst: 4 }),
      trustProxy: true,
    });
    const error = await client.place([signed(1n), signed(2n), signed(3n), signed(4n), signed(5n)]).catch((e) => e);
    expect(error).toMatchObject({ status: 429, code: 'RateLimited', retryable: true });
    // One was taken for the request itself.
    await client.place([signed(1n), signed(2n), signed(3n)]);
    const refused = await post('{}');
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(900);
    const elsewhere = await fetch(`${url}/orders`, { headers: { 'x-forwarded-for': '6.6.6.6, 10.0.0.9' } });
    expect(elsewhere.status).toBe(200);
  });

  it('does not say whose it is unless a proxy is trusted', async () => {
    const { url } = await serve({ limit: new RateLimit({ perSecond: 0.001, burst: 1 }) });
    const ask = (from: string) => fetch(`${url}/orders`, { headers: { 'x-forwarded-for': from } });
    expect([(await ask('10.0.0.1')).status, (await ask('10.0.0.2')).status]).toEqual([200, 429]);
  });

  it('for its health fails when no block has come for long', async () => {
    const { url } = await serve({ silence: () => 59_999 });
    expect(await (await fetch(`${url}/health`)).json()).toMatchObject({ healthy: true, block: '7' });
    const { url: silent } = await serve({ silence: () => 61_000 });
    const response = await fetch(`${silent}/health`);
    expect([response.status, await response.json()]).toMatchObject([503, { healthy: false, secondsSinceBlock: 61 }]);
  });
});

describe('a stream', () => {
  const listen = (client: OrderServiceClient, more: { onLost?: () => void; onBack?: () => void } = {}) => {
    const ending = new AbortController();
    endings.push(ending);
    const events = client.stream({ signal: ending.signal, ...more });
    return async () => (await events.next()).value as OrderServiceEvent;
  };

  it('begins with all that wait, however many, and tells what comes', async () => {
    waiting = Array.from({ length: 450 }, (_, i) => kept(BigInt(i + 1)));
    const { client } = await serve();
    const next = listen(client);
    expect(await next()).toEqual({ event: 'snapshot', orders: waiting });
    const [first] = waiting as [KeptOrder];
    tell({ event: 'committed', id: first.id });
    tell({ event: 'gone', id: first.id, reason: 'filled' });
    tell({ event: 'placed', order: kept(1_000n) });
    expect([await next(), await next(), await next()]).toEqual([
      { event: 'committed', id: first.id },
      { event: 'gone', id: first.id, reason: 'filled' },
      { event: 'placed', order: kept(1_000n) },
    ]);
  });

  it('is resumed where it was lost, told once', async () => {
    waiting = [kept(1n)];
    const { client, url } = await serve();
    const lost: string[] = [];
    const sockets: AbortController[] = [];
    // Each connection can be cut by itself.
    const cut: typeof fetch = (input, init) => {
      const one = new AbortController();
      sockets.push(one);
      return fetch(input, { ...init, signal: AbortSignal.any([one.signal, init?.signal as AbortSignal]) });
    };
    const flaky = new OrderServiceClient({ url, retries: [5, 20], fetch: cut });
    expect(client.name).toBe(flaky.name);
    const next = listen(flaky, { onLost: () => lost.push('lost'), onBack: () => lost.push('back') });
    expect(await next()).toMatchObject({ event: 'snapshot' });
    tell({ event: 'placed', order: kept(2n) });
    expect(await next()).toMatchObject({ event: 'placed' });
    sockets[0]?.abort();
    tell({ event: 'placed', order: kept(3n) });
    tell({ event: 'gone', id: kept(2n).id, reason: 'cancelled' });
    expect(await next()).toEqual({ event: 'placed', order: kept(3n) });
    expect(await next()).toEqual({ event: 'gone', id: kept(2n).id, reason: 'cancelled' });
    expect(lost).toEqual(['lost', 'back']);
  });

  it('begins anew where too much was missed, or the service is another one', async () => {
    const { url } = await serve({ streams: { ...DEFAULT_STREAM_LIMITS, resumable: 1 } });
    const read = async (last: string) => {
      const ending = new AbortController();
      const response = await fetch(`${url}/orders/stream`, {
        headers: { 'last-event-id': last },
        signal: ending.signal,
      });
      const found = await response.body?.getReader().read();
      ending.abort();
      return new TextDecoder().decode(found?.value);
    };
    const epoch = /id: ([0-9a-f]{12})-0/.exec(await read(''))?.[1];
    tell({ event: 'placed', order: kept(1n) });
    tell({ event: 'placed', order: kept(2n) });
    expect(await read(`${epoch}-1`)).toMatch(new RegExp(`^id: ${epoch}-1\n\nid: ${epoch}-2\nevent: placed\n`));
    for (const last of [`${epoch}-0`, `${epoch}-3`, '000000000000-1', 'x', '-1']) {
      expect(await read(last)).toMatch(/event: snapshot/);
    }
  });

  it('shows that it lives', async () => {
    const { url } = await serve({ streams: { ...DEFAULT_STREAM_LIMITS, heartbeat: 5 } });
    const ending = new AbortController();
    endings.push(ending);
    const reader = (await fetch(`${url}/orders/stream`, { signal: ending.signal })).body?.getReader();
    let text = '';
    while (!text.includes(': alive')) text += new TextDecoder().decode((await reader?.read())?.value);
  });

  it('whose reader does not read is cut off, and harms no other', async () => {
    const { port, client } = await serve({ streams: { ...DEFAULT_STREAM_LIMITS, behind: 100 } });
    const next = listen(client);
    await next();
    const slow = connect(port, '127.0.0.1');
    slow.write('GET /orders/stream HTTP/1.1\r\nHost: x\r\n\r\n');
    // It reads the head, and then nothing more.
    await new Promise((resolve) => slow.once('data', resolve));
    slow.pause();
    const cut = new Promise((resolve) => slow.once('close', resolve));
    slow.on('error', () => {});
    const long: Hex = `0x${'ab'.repeat(4_096)}`;
    for (let i = 1; i <= 1_500; i++) {
      tell({ event: 'placed', order: kept(BigInt(i), long) });
      expect(await next()).toMatchObject({ event: 'placed' });
    }
    // What had arrived is still to be read before the end is seen.
    slow.resume();
    await cut;
    tell({ event: 'gone', id: kept(1n).id, reason: 'filled' });
    expect(await next()).toMatchObject({ event: 'gone' });
  });

  it('is one of few that an address may have', async () => {
    const { url, client } = await serve({ streams: { ...DEFAULT_STREAM_LIMITS, perAddress: 1 } });
    const next = listen(client);
    await next();
    const response = await fetch(`${url}/orders/stream`);
    expect([response.status, await response.json()]).toMatchObject([429, { error: { code: 'TooManyStreams' } }]);
  });
});
