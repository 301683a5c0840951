import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeAccumulatorUpdate, PriceNotPublishedError, PriceServiceClient } from '@tidemark/sdk';
import type { Hex } from 'viem';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { requireFreePort } from '../chain.ts';
import { DevnetError, toLine } from '../errors.ts';
import type { PriceSource } from '../prices/source.ts';
import { type PriceServer, startPriceServer } from './priceServer.ts';

const START = 1_700_000_040;
const ETH: Hex = `0x${'e1'.repeat(32)}`;
const BTC: Hex = `0x${'b1'.repeat(32)}`;

/** One dollar a second; BTC has a gap of a minute. */
const source: PriceSource = {
  name: 'model',
  symbols: ['ETH', 'BTC'],
  start: START,
  quoteAt(symbol, time) {
    if (time < START || (symbol === 'BTC' && time >= START + 60 && time < START + 120)) return undefined;
    const base = symbol === 'BTC' ? 60_000n : 2000n;
    return { price: (base + BigInt(time - START)) * 10n ** 8n, confidence: 5n * 10n ** 7n, publishTime: time };
  },
  close: async () => {},
};

let now: number;
let server: PriceServer;
let url: string;

beforeEach(async () => {
  now = START + 300;
  server = await startPriceServer({ port: 0, source, feeds: { ETH, BTC }, now: () => now });
  url = `http://127.0.0.1:${server.port}`;
});
afterEach(() => server.close());

async function ask(path: string) {
  const response = await fetch(`${url}${path}`);
  return {
    status: response.status,
    body: await response.text(),
    cors: response.headers.get('access-control-allow-origin'),
  };
}

describe('updates', () => {
  it('of a second are signed and told', async () => {
    const { status, body, cors } = await ask(`/v2/updates/price/${START + 10}?ids[]=${ETH}&ids[]=${BTC.slice(2)}`);
    expect({ status, cors }).toEqual({ status: 200, cors: '*' });
    const { binary, parsed } = JSON.parse(body);
    expect(binary.encoding).toBe('hex');
    const { messages } = decodeAccumulatorUpdate(`0x${binary.data[0]}`);
    const times = { publishTime: BigInt(START + 10), prevPublishTime: BigInt(START + 9) };
    expect(messages).toMatchObject([
      { id: ETH, price: 2010_00000000n, confidence: 50_000_000n, expo: -8, ...times },
      { id: BTC, price: 60_010_00000000n, ...times },
    ]);
    const price = { price: '201000000000', conf: '50000000', expo: -8, publish_time: START + 10 };
    const metadata = { slot: START + 10, proof_available_time: START + 10, prev_publish_time: START + 9 };
    expect(parsed[0]).toEqual({ id: ETH.slice(2), price, ema_price: price, metadata });
  });

  it('of now are those of the clock', async () => {
    const { body } = await ask(`/v2/updates/price/latest?ids[]=${ETH.toUpperCase().replace('0X', '0x')}`);
    expect(JSON.parse(body).parsed[0].price.publish_time).toBe(now);
  });

  it('of a second are the same whenever they are asked for', async () => {
    const path = `/v2/updates/price/${START + 10}?ids[]=${ETH}`;
    const first = await ask(path);
    now += 1000;
    expect(await ask(path)).toEqual(first);
  });

  it('of a feed named twice hold it once', async () => {
    const { body } = await ask(`/v2/updates/price/latest?ids[]=${ETH}&ids[]=${ETH.slice(2)}`);
    expect(JSON.parse(body).parsed).toHaveLength(1);
  });

  it('are what the client of the SDK reads', async () => {
    const client = new PriceServiceClient({ url });
    expect((await client.latest([BTC, ETH])).prices).toMatchObject([
      { id: BTC, price: 60_300n * 10n ** 18n },
      { id: ETH, price: 2300n * 10n ** 18n, publishTime: BigInt(now) },
    ]);
    await expect(client.at(BigInt(now + 1), [ETH])).rejects.toBeInstanceOf(PriceNotPublishedError);
  });

  it.each([
    ['no feed', '/v2/updates/price/latest', 400, 'Say which feeds: ids[]=0x…'],
    [
      'an unknown feed',
      `/v2/updates/price/latest?ids[]=0x${'00'.repeat(32)}`,
      404,
      `Price ids not found: 0x${'00'.repeat(32)}`,
    ],
    ['a bad id', '/v2/updates/price/latest?ids[]=0x12', 400, '12 is no feed id: 32 bytes, hexadecimal.'],
    [
      'a time to come',
      `/v2/updates/price/${START + 301}?ids[]=${ETH}`,
      404,
      `Update data not found: no price at ${START + 301} yet, now is ${START + 300}.`,
    ],
    ['a time before all', `/v2/updates/price/1?ids[]=${ETH}`, 404, 'Update data not found: no price of ETH at 1.'],
    [
      'a time in a gap',
      `/v2/updates/price/${START + 60}?ids[]=${ETH}&ids[]=${BTC}`,
      404,
      `Update data not found: no price of BTC at ${START + 60}.`,
    ],
    ['a bad time', `/v2/updates/price/noon?ids[]=${ETH}`, 404, 'Nothing is served at /v2/updates/price/noon.'],
    [
      'another encoding',
      `/v2/updates/price/latest?ids[]=${ETH}&encoding=base58`,
      400,
      'Updates are served as hex or base64, not as base58.',
    ],
    [
      'neither true nor false',
      `/v2/updates/price/latest?ids[]=${ETH}&parsed=1`,
      400,
      'parsed has to be true or false.',
    ],
    ['an unknown path', '/v1/prices', 404, 'Nothing is served at /v1/prices.'],
    ['what is no path', '//', 400, '// is no path.'],
  ])('asked for with %s are refused in one line', async (_, path, status, message) => {
    expect(await ask(path)).toEqual({ status, body: `${message}\n`, cors: '*' });
    expect((await ask(`/v2/updates/price/latest?ids[]=${ETH}`)).status).toBe(200);
  });
});

test('feeds are listed with their symbols', async () => {
  const feeds = JSON.parse((await ask('/v2/price_feeds')).body);
  expect(feeds).toMatchObject([
    { id: ETH.slice(2), attributes: { base: 'ETH', quote_currency: 'USD', symbol: 'Crypto.ETH/USD' } },
    { id: BTC.slice(2), attributes: { base: 'BTC' } },
  ]);
});

test('feeds of a type that is none are refused', async () => {
  const refused = 'asset_type has to be one of crypto, fx, equity, metal, rates, crypto_redemption_rate.\n';
  expect(await ask('/v2/price_feeds?asset_type=Crypto')).toMatchObject({ status: 400, body: refused });
});

describe('faults', () => {
  const put = (body: string) => fetch(`${url}/faults`, { method: 'PUT', body });
  const latest = async (id: Hex) => JSON.parse((await ask(`/v2/updates/price/latest?ids[]=${id}`)).body).parsed[0];

  it('are set, told and cleared, and change what is served of their market', async () => {
    const response = await put(JSON.stringify({ name: 'zero', market: 'ETH', for: 60 }));
    const fault = { name: 'zero', source: 'pyth', market: 'ETH', factor: null, since: now, until: now + 60 };
    expect({ status: response.status, body: await response.json() }).toEqual({ status: 200, body: fault });
    expect(JSON.parse((await ask('/faults')).body)).toEqual([fault]);
    expect((await latest(ETH)).price.price).toBe('0');
    expect((await latest(BTC)).price.price).toBe('6030000000000');
    const cleared = await fetch(`${url}/faults`, { method: 'DELETE' });
    expect({ status: cleared.status, body: await cleared.json() }).toEqual({ status: 200, body: [] });
    expect((await latest(ETH)).price.price).toBe('230000000000');
  });

  it('of the bytes change the bytes', async () => {
    server.faults.set({ name: 'padded', market: 'BTC' });
    const bytes = async (query: string) =>
      JSON.parse((await ask(`/v2/updates/price/latest?${query}`)).body).binary.data[0] as string;
    expect(await bytes(`ids[]=${ETH}&ids[]=${BTC}`)).toMatch(/00$/);
    const [sound] = [await bytes(`ids[]=${ETH}`)];
    server.faults.clear();
    expect(await bytes(`ids[]=${ETH}`)).toBe(sound);
  });

  it.each([
    ['no JSON', 'zero', 'The fault is no JSON.'],
    ['nothing', 'null', 'There is no fault undefined. '],
    ['an unknown name', '{"name":"slow"}', 'There is no fault slow. There are stale, '],
    ['an unknown market', '{"name":"zero","market":"DOGE"}', 'There is no market DOGE. There are ETH, BTC.'],
  ])('asked for as %s are refused in one line', async (_, body, line) => {
    const response = await put(body);
    expect(response.status).toBe(400);
    expect(await response.text()).toMatch(new RegExp(`^${line.replaceAll('.', '\\.')}[^\n]*\n$`));
    expect(server.faults.list()).toEqual([]);
  });

  it('are not for pages of other origins, and not for other methods', async () => {
    expect((await ask('/faults')).cors).toBeNull();
    const response = await fetch(`${url}/faults`, { method: 'OPTIONS' });
    expect(response.status).toBe(405);
    expect(await response.text()).toBe('Faults are told by GET, set by PUT and cleared by DELETE.\n');
  });
});

describe('candles', () => {
  it('are of the same prices, from interval to interval, the last one until now', async () => {
    now = START + 90;
    const { status, body } = await ask(`/candles?symbol=ETH&interval=60&from=${START}`);
    expect(status).toBe(200);
    expect(JSON.parse(body)).toEqual([
      [START, 2000, 2059, 2000, 2059, 0],
      [START + 60, 2060, 2090, 2060, 2090, 0],
    ]);
  });

  it('are absent where there are no prices', async () => {
    const { body } = await ask(`/candles?symbol=BTC&interval=60&from=${START - 120}&to=${START + 130}`);
    expect((JSON.parse(body) as [number][]).map(([time]) => time - START)).toEqual([0, 120]);
  });

  it.each([
    ['no market', '', 404, 'No market (none named) here.'],
    ['an unknown market', '?symbol=DOGE', 404, 'No market DOGE here.'],
    ['no interval', '?symbol=ETH&interval=0', 400, 'interval has to be a whole number of seconds, at least 1.'],
    ['a bad interval', '?symbol=ETH&interval=1m', 400, 'interval has to be a whole number of seconds, at least 1.'],
    ['a bad beginning', '?symbol=ETH&from=-1', 400, 'from has to be a whole number of seconds, at least 0.'],
    ['a bad end', '?symbol=ETH&to=now', 400, 'to has to be a whole number of seconds, at least 0.'],
  ])('asked for with %s are refused in one line', async (_, query, status, message) => {
    expect(await ask(`/candles${query}`)).toMatchObject({ status, body: `${message}\n` });
    if (!query.includes('from') && !query.includes('to=')) {
      expect(await ask(`/candles/stream${query}`)).toMatchObject({ status, body: `${message}\n` });
    }
  });
});

describe('a stream', () => {
  /** Opens a stream; `next` gives its events one by one. */
  async function open(path: string) {
    const request = get(`${url}${path}`);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    let text = '';
    const next = async (): Promise<unknown> => {
      while (!text.includes('\n\n')) text += (await once(response, 'data'))[0];
      const [event = '', ...rest] = text.split('\n\n');
      text = rest.join('\n\n');
      return JSON.parse(event.replace(/^data: /, ''));
    };
    return { response, next, close: () => request.destroy() };
  }

  it('of prices tells now at once, and each new second once', async () => {
    const { response, next, close } = await open(`/v2/updates/price/stream?ids[]=${ETH}`);
    expect(response.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'access-control-allow-origin': '*',
    });
    const time = async () => ((await next()) as { parsed: { price: { publish_time: number } }[] }).parsed[0]?.price;
    expect(await time()).toMatchObject({ publish_time: START + 300 });
    now += 2;
    expect(await time()).toMatchObject({ publish_time: START + 302 });
    close();
  });

  it('of prices goes on after a gap', async () => {
    now = START + 61;
    const { next, close } = await open(`/v2/updates/price/stream?ids[]=${BTC}`);
    now = START + 120;
    expect(await next()).toMatchObject({ parsed: [{ price: { publish_time: START + 120 } }] });
    close();
  });

  it('of candles tells the present one', async () => {
    const { next, close } = await open('/candles/stream?symbol=ETH&interval=60');
    expect(await next()).toEqual([START + 300, 2300, 2300, 2300, 2300, 0]);
    now += 1;
    expect(await next()).toEqual([START + 300, 2300, 2301, 2300, 2301, 0]);
    close();
  });

  it('of an unknown feed, and of something else, is refused', async () => {
    const id = `0x${'00'.repeat(32)}`;
    expect(await ask(`/v2/updates/price/stream?ids[]=${id}`)).toMatchObject({
      status: 404,
      body: `Price ids not found: ${id}\n`,
    });
    expect(await ask('/news/stream')).toMatchObject({ status: 404, body: 'Nothing is streamed at /news/stream.\n' });
  });

  it('does not keep the service from closing', async () => {
    const { response } = await open(`/v2/updates/price/stream?ids[]=${ETH}`);
    const closed = new Promise((resolve) => response.on('error', resolve).resume());
    await server.close();
    expect(await closed).toMatchObject({ code: 'ECONNRESET' });
  });
});

test('a busy port is refused with the option that chooses another, and its holder goes on', async () => {
  const holder = createServer((_, response) => response.end('here'));
  await new Promise<void>((ready) => holder.listen(0, '127.0.0.1', ready));
  const { port } = holder.address() as AddressInfo;
  const starting = startPriceServer({ port, source, feeds: { ETH }, now: () => now });
  for (const attempt of [starting, requireFreePort(port, '--prices-port')]) {
    const error = await attempt.then(
      () => expect.fail('it started'),
      (thrown) => thrown,
    );
    expect(error).toBeInstanceOf(DevnetError);
    expect(toLine(error)).toBe(`Port ${port} is in use. ${error.metaMessages[0]}`);
    expect(error.metaMessages[0]).toContain('--prices-port');
  }
  expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe('here');
  holder.closeAllConnections();
  await new Promise((ended) => holder.close(ended));
});
