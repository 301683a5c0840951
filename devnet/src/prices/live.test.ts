import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { coinbase, kraken, LiveSource } from './live.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A venue on this machine; an undefined body never answers. */
async function venue(body: unknown, status = 200): Promise<string> {
  const server = createServer((_, response) => {
    if (body === undefined) return;
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const ticker = (price: string) => ({ trade_id: 1, price, size: '0.1', bid: price, ask: price, volume: '1', time: '' });
const pair = (price: string) => ({ error: [], result: { XETHZUSD: { a: [price, '1', '1'], c: [price, '0.1'] } } });
const NOW = 1_700_000_000;

async function polled(first: unknown, second: unknown, status = 200) {
  const source = new LiveSource({
    venues: [coinbase(await venue(first, status)), kraken(await venue(second))],
    symbols: ['ETH'],
    clock: () => NOW,
    // What answers has time on a busy machine; what never does is not waited for longer than that.
    timeoutMs: 3_000,
  });
  await source.poll();
  return source;
}

test('two venues agree: their mean, and half their distance as confidence', async () => {
  const source = await polled(ticker('2000.00'), pair('2004.00'));
  expect(source.symbols).toEqual(['ETH']);
  expect(source.quoteAt('ETH', NOW + 1)).toEqual({
    price: 2002_00000000n,
    confidence: 2_00000000n,
    publishTime: NOW + 1,
  });
  expect(source.quoteAt('ETH', NOW)).toBeUndefined();
  expect(source.quoteAt('ETH', NOW + 11)?.price).toBe(2002_00000000n);
  expect(source.quoteAt('ETH', NOW + 12)).toBeUndefined();
});

test.each([
  ['wrong JSON', '{"price":', 200],
  ['a wrong payload', { message: 'NotFound' }, 200],
  ['a negative price', ticker('-1'), 200],
  ['an error status', ticker('1'), 500],
  ['a late answer', undefined, 200],
])('one venue gives %s: the other counts', async (_, first, status) => {
  const source = await polled(first, pair('2000'), status);
  expect(source.quoteAt('ETH', NOW + 1)?.price).toBe(2000_00000000n);
});

test('venues that disagree, and venues that both fail, give no price', async () => {
  expect((await polled(ticker('2000'), pair('2100'))).symbols).toEqual([]);
  expect((await polled({}, { error: ['EGeneral:Too many requests'] })).symbols).toEqual([]);
});

test('a resumed chain that lags behind the clock gets present prices', async () => {
  const source = await polled(ticker('2000'), pair('2000'));
  source.resumeAt(NOW - 5000);
  expect(source.quoteAt('ETH', NOW - 4999)).toMatchObject({ price: 2000_00000000n, publishTime: NOW - 4999 });
});
