import { HermesClient, type PriceUpdate } from '@pythnetwork/hermes-client';
import { decodeAccumulatorUpdate } from '@tidemark/sdk';
import type { Hex } from 'viem';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PriceSource } from '../prices/source.ts';
import { type PriceServer, startPriceServer } from './priceServer.ts';

// Pyth's own client, as it is published, against the devnet's service.

const START = 1_700_000_040;
const ETH: Hex = `0x${'e1'.repeat(32)}`;
const BTC: Hex = `0x${'b1'.repeat(32)}`;
const NONE: Hex = `0x${'00'.repeat(32)}`;

/** One dollar a second. */
const source: PriceSource = {
  name: 'model',
  symbols: ['ETH', 'BTC'],
  start: START,
  quoteAt: (symbol, time) => ({
    price: (BigInt(symbol === 'BTC' ? 60_000 : 2000) + BigInt(time - START)) * 10n ** 8n,
    confidence: 5n * 10n ** 7n,
    publishTime: time,
  }),
  close: async () => {},
};

let now: number;
let server: PriceServer;
let client: HermesClient;
const streams: { close(): void }[] = [];

beforeEach(async () => {
  now = START + 300;
  server = await startPriceServer({ port: 0, source, feeds: { ETH, BTC }, now: () => now });
  client = new HermesClient(`http://127.0.0.1:${server.port}`, { httpRetries: 0 });
});
afterEach(async () => {
  for (const stream of streams.splice(0)) stream.close();
  await server.close();
});

/** The messages in what the client was given, read from its bytes. */
function read({ binary }: PriceUpdate) {
  return binary.data.flatMap((data) => {
    const update: Hex = `0x${Buffer.from(data, binary.encoding).toString('hex')}`;
    return decodeAccumulatorUpdate(update).messages.map(({ id, publishTime }) => [id, Number(publishTime)]);
  });
}

describe("Pyth's own client", () => {
  it('lists the feeds, those of a query, and those of a type', async () => {
    const bases = async (...args: Parameters<HermesClient['getPriceFeeds']>) =>
      (await client.getPriceFeeds(...args)).map(({ attributes }) => attributes.base);
    expect(await bases()).toEqual(['ETH', 'BTC']);
    expect(await bases({ query: 'btc' })).toEqual(['BTC']);
    expect(await bases({ query: 'eth/usd', assetType: 'crypto' })).toEqual(['ETH']);
    expect(await bases({ assetType: 'metal' })).toEqual([]);
  });

  it.each(['hex', 'base64'] as const)('reads the latest prices in %s', async (encoding) => {
    const update = await client.getLatestPriceUpdates([ETH, BTC], { encoding });
    expect(update.binary.encoding).toBe(encoding);
    expect(read(update)).toEqual([
      [ETH, now],
      [BTC, now],
    ]);
    expect(update.parsed).toMatchObject([
      { id: ETH.slice(2), price: { price: '230000000000', conf: '50000000', expo: -8, publish_time: now } },
      { id: BTC.slice(2), metadata: { slot: now, prev_publish_time: now - 1 } },
    ]);
  });

  it('reads only the bytes when it wants no parsed prices', async () => {
    const update = await client.getLatestPriceUpdates([ETH], { parsed: false });
    expect(update).not.toHaveProperty('parsed');
    expect(read(update)).toEqual([[ETH, now]]);
  });

  it.each(['hex', 'base64'] as const)('reads the prices of a time in %s', async (encoding) => {
    const update = await client.getPriceUpdatesAtTimestamp(START + 10, [ETH], { encoding });
    expect(read(update)).toEqual([[ETH, START + 10]]);
  });

  it('is refused a feed that is not here, unless it wants such ignored', async () => {
    const refusal = `HTTP error! status: 404, body: Price ids not found: ${NONE}\n`;
    const ignoring = { ignoreInvalidPriceIds: true };
    await expect(client.getLatestPriceUpdates([ETH, NONE])).rejects.toThrow(refusal);
    await expect(client.getPriceUpdatesAtTimestamp(START, [NONE])).rejects.toThrow(refusal);
    expect(read(await client.getLatestPriceUpdates([NONE, ETH], ignoring))).toEqual([[ETH, now]]);
    expect(read(await client.getPriceUpdatesAtTimestamp(START, [NONE, ETH], ignoring))).toEqual([[ETH, START]]);
    expect(await client.getLatestPriceUpdates([NONE], ignoring)).toEqual({
      binary: { encoding: 'hex', data: [] },
      parsed: [],
    });
  });

  it('is refused a time to come', async () => {
    await expect(client.getPriceUpdatesAtTimestamp(now + 1, [ETH])).rejects.toThrow(
      `status: 404, body: Update data not found: no price at ${now + 1} yet, now is ${now}.`,
    );
  });
});

describe("a stream of Pyth's own client", () => {
  type Options = Parameters<HermesClient['getPriceUpdatesStream']>[1];

  /** Opens one; `next` gives its updates one by one. */
  async function open(ids: readonly Hex[], options?: Options) {
    const stream = await client.getPriceUpdatesStream([...ids], options);
    streams.push(stream);
    const arrived: PriceUpdate[] = [];
    let wake = () => {};
    stream.onmessage = ({ data }) => {
      arrived.push(JSON.parse(data));
      wake();
    };
    return async (): Promise<PriceUpdate> => {
      while (arrived.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return arrived.shift() as PriceUpdate;
    };
  }

  it.each(['hex', 'base64'] as const)('tells each new second in %s', async (encoding) => {
    const next = await open([ETH, BTC], { encoding });
    const first = await next();
    expect(first).toMatchObject({ binary: { encoding }, parsed: [{ id: ETH.slice(2) }, { id: BTC.slice(2) }] });
    expect(read(first)).toEqual([
      [ETH, START + 300],
      [BTC, START + 300],
    ]);
    now += 2;
    expect(read(await next())).toEqual([
      [ETH, START + 302],
      [BTC, START + 302],
    ]);
  });

  it('tells only the bytes, and only of the feeds that are here, when it is to', async () => {
    const next = await open([NONE, BTC], { parsed: false, ignoreInvalidPriceIds: true });
    const update = await next();
    expect(update).not.toHaveProperty('parsed');
    expect(read(update)).toEqual([[BTC, now]]);
  });

  it('fails when a feed is not here', async () => {
    const stream = await client.getPriceUpdatesStream([NONE]);
    streams.push(stream);
    const error = await new Promise((resolve) => stream.addEventListener('error', resolve));
    expect(error).toMatchObject({ code: 404 });
  });

  it('leaves out what is out of order, unless it wants that too', async () => {
    // In order in the first two seconds of four.
    now = START + 300;
    expect(Math.floor(now / 2) % 2).toBe(0);
    server.faults.set({ name: 'out-of-order' });
    const [ordered, all] = [await open([ETH]), await open([ETH], { allowUnordered: true })];
    for (const next of [ordered, all]) expect(read(await next())).toEqual([[ETH, START + 300]]);
    now = START + 302;
    expect(read(await all())).toEqual([[ETH, START + 298]]);
    // By the time this is told the other stream has looked at the second before.
    now = START + 303;
    expect(read(await all())).toEqual([[ETH, START + 299]]);
    now = START + 304;
    for (const next of [ordered, all]) expect(read(await next())).toEqual([[ETH, START + 304]]);
  });

  it('tells a time twice, unless it wants what is published first only', async () => {
    server.faults.set({ name: 'duplicated' });
    const [both, firstOnly] = [await open([ETH]), await open([ETH], { benchmarksOnly: true })];
    expect(read(await both())).toEqual([
      [ETH, now],
      [ETH, now],
    ]);
    expect(read(await firstOnly())).toEqual([[ETH, now]]);
  });
});
