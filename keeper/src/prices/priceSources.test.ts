import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PriceUpdate, TidemarkError } from '@tidemark/sdk';
import type { Hex } from 'viem';
import { afterEach, describe, expect, it } from 'vitest';
import { ETH, encode, writeUpdate } from '../../../sdk/test/writeUpdate.ts';
import { NoPriceSourceError } from '../errors.ts';
import { type PriceEndpoint, type PriceSourceEvent, PriceSources } from './priceSources.ts';

const { id: ID } = ETH;
const KEY = 'hunter2hunter2';

/** What a service does: serve prices, or fail in one of the ways that services do. */
type Mood =
  | { kind: 'serving'; age?: bigint; price?: bigint; ids?: readonly Hex[]; gap?: bigint }
  | { kind: 'answering'; status: number; body: string }
  | { kind: 'silent' }
  | { kind: 'breaking' };

let clock = 1_700_000_000n;
const servers: Server[] = [];

/** A Hermes whose mood can be changed. */
async function hermes(mood: Mood = { kind: 'serving' }) {
  const service = { url: '', mood, asked: [] as string[], headers: {} as IncomingHttpHeaders };
  const server = createServer((request, response) => {
    service.asked.push(request.url ?? '');
    service.headers = request.headers;
    const { mood } = service;
    if (mood.kind === 'breaking') return void request.socket.destroy();
    if (mood.kind === 'silent') return;
    if (mood.kind === 'answering') return void response.writeHead(mood.status).end(mood.body);
    const at = /price\/(\d+)/.exec(request.url ?? '')?.[1];
    const publishTime = (at ? BigInt(at) : clock) - (mood.age ?? 0n);
    const messages = (mood.ids ?? [ID]).map((id) => {
      const price = mood.price ?? ETH.price;
      return encode({ ...ETH, id, price, publishTime, prevPublishTime: publishTime - (mood.gap ?? 1n) });
    });
    const data = [writeUpdate({ messages }).slice(2)];
    response.end(JSON.stringify({ binary: { encoding: 'hex', data } }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  servers.push(server);
  service.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return service;
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

/** Patient without end, so that a slow machine is not taken for a silent service. */
const PATIENCE = 2 ** 31 - 1;

function sourcesOf(
  services: readonly { url: string }[],
  change: (index: number) => Partial<PriceEndpoint> = () => ({}),
) {
  const events: PriceSourceEvent[] = [];
  const endpoints = services.map(({ url }, i) => ({ url, timeout: PATIENCE, ...change(i) }));
  const sources = new PriceSources({ endpoints, now: () => clock, onEvent: (event) => events.push(event) });
  const told = () => events.map(({ event, source }) => [event, services.findIndex(({ url }) => url === source)]);
  return { sources, events, told };
}

const priceOf = ({ prices }: PriceUpdate) => (prices[0]?.price ?? 0n) / 10n ** 10n;
const OTHER = 2_500_00000000n;

describe('PriceSources', () => {
  it('asks the preferred service alone while it serves', async () => {
    const [one, two] = [await hermes(), await hermes()];
    const { sources, events } = sourcesOf([one, two]);
    expect(priceOf(await sources.latest([ID]))).toBe(ETH.price);
    await sources.at(clock, [ID]);
    expect([one.asked.length, two.asked.length]).toEqual([2, 0]);
    expect(events).toEqual([]);
  });

  it('sends each service its own key and no other', async () => {
    const [one, two, three] = [await hermes(), await hermes(), await hermes()];
    const { sources } = sourcesOf([one, two, three], (i) => [{ key: KEY }, { key: 'other' }, {}][i] ?? {});
    await sources.latest([ID]);
    one.mood = { kind: 'breaking' };
    await sources.latest([ID]);
    two.mood = { kind: 'breaking' };
    await sources.latest([ID]);
    const sent = [one, two, three].map(({ headers }) => headers.authorization);
    expect(sent).toEqual([`Bearer ${KEY}`, 'Bearer other', undefined]);
  });

  const garbage: [string, Mood][] = [
    ['breaks off', { kind: 'breaking' }],
    ['says nothing', { kind: 'silent' }],
    ['fails', { kind: 'answering', status: 500, body: '<html>\n<p>oops</p>' }],
    ['has had too many requests', { kind: 'answering', status: 429, body: '' }],
    ['refuses the key and repeats it', { kind: 'answering', status: 401, body: `no such key: ${KEY}` }],
    ['does not know the feed', { kind: 'answering', status: 404, body: 'Price ids not found' }],
    ['answers with a page', { kind: 'answering', status: 200, body: '<html>' }],
    ['answers nothing', { kind: 'answering', status: 200, body: '' }],
    ['answers with another feed', { kind: 'serving', ids: [`0x${'cd'.repeat(32)}`] }],
    ['answers with old prices', { kind: 'serving', age: 31n }],
  ];

  it.each(garbage)(
    'passes over a service that %s, tells it once, and tells once that it is back',
    async (_what, mood) => {
      const [one, two] = [await hermes(mood), await hermes({ kind: 'serving', price: OTHER })];
      const patience = mood.kind === 'silent' ? 1 : PATIENCE;
      const services = [one, two].map(({ url }) => ({ url }));
      const { sources, events, told } = sourcesOf(services, (i) => (i === 0 ? { key: KEY, timeout: patience } : {}));
      for (let i = 0; i < 5; i++) {
        expect(priceOf(await sources.latest([ID]))).toBe(OTHER);
        await sources.idle();
        clock += 2n;
      }
      expect(told()).toEqual([['source-lost', 0]]);
      const [lost] = events;
      const { line } = (lost as PriceSourceEvent & { event: 'source-lost' }).why as TidemarkError;
      expect(line).toContain(one.url);
      expect(line).not.toMatch(/hunter2|\n/);

      if (mood.kind === 'silent') return;
      one.mood = { kind: 'serving' };
      clock += 64n;
      await sources.latest([ID]);
      await sources.idle();
      expect(told()).toEqual([
        ['source-lost', 0],
        ['source-back', 0],
      ]);
      expect(priceOf(await sources.latest([ID]))).toBe(ETH.price);
    },
  );

  it('takes prices of 30 s, not of 31 s', async () => {
    const [one, two] = [await hermes({ kind: 'serving', age: 30n }), await hermes({ kind: 'serving', price: OTHER })];
    const { sources, told } = sourcesOf([one, two]);
    expect(priceOf(await sources.latest([ID]))).toBe(ETH.price);
    one.mood = { kind: 'serving', age: 31n };
    expect(priceOf(await sources.latest([ID]))).toBe(OTHER);
    expect(told()).toEqual([['source-lost', 0]]);
  });

  it('tries a lost service after 2 s, then ever more rarely, at least every 64 s', async () => {
    const [one, two] = [await hermes({ kind: 'breaking' }), await hermes()];
    const { sources } = sourcesOf([one, two]);
    const start = clock;
    const tries: bigint[] = [];
    for (const second of [0, 1, 2, 5, 6, 13, 14, 29, 30, 61, 62, 125, 126, 189, 190, 253, 254].map(BigInt)) {
      clock = start + second;
      const before = one.asked.length;
      await sources.latest([ID]);
      await sources.idle();
      if (one.asked.length > before) tries.push(clock - start);
    }
    expect(tries).toEqual([0n, 2n, 6n, 14n, 30n, 62n, 126n, 190n, 254n]);
  });

  it('does not wait for a lost service while another serves', async () => {
    const [one, two] = [await hermes({ kind: 'breaking' }), await hermes()];
    const { sources, told } = sourcesOf([one, two]);
    await sources.latest([ID]);
    one.mood = { kind: 'silent' };
    clock += 2n;
    for (let i = 0; i < 3; i++) await sources.latest([ID]);
    expect(told()).toEqual([['source-lost', 0]]);
    one.mood = { kind: 'breaking' };
    servers[0]?.closeAllConnections();
    await sources.idle();
    expect(one.asked.length).toBeLessThanOrEqual(2);
  });

  it('has nothing to give when all are lost, and gives again with the first that is back', async () => {
    const services = [await hermes({ kind: 'breaking' }), await hermes({ kind: 'answering', status: 503, body: '' })];
    const { sources, told } = sourcesOf(services);
    for (let i = 0; i < 5; i++, clock++) {
      await expect(sources.latest([ID])).rejects.toBeInstanceOf(NoPriceSourceError);
    }
    // At most every 2 s, however long it takes.
    expect(services.map(({ asked }) => asked.length)).toEqual([3, 3]);
    const [, two] = services;
    if (two) two.mood = { kind: 'serving', price: OTHER };
    clock += 2n;
    expect(priceOf(await sources.latest([ID]))).toBe(OTHER);
    expect(told()).toEqual([
      ['source-lost', 0],
      ['source-lost', 1],
      ['source-back', 1],
    ]);
  });

  it('gives the newest of old prices when nobody has young ones, at any time', async () => {
    const services = [
      await hermes({ kind: 'serving', age: 50n }),
      await hermes({ kind: 'serving', age: 40n, price: OTHER }),
    ];
    const { sources, told } = sourcesOf(services);
    for (let i = 0; i < 3; i++) expect(priceOf(await sources.latest([ID]))).toBe(OTHER);
    expect(told()).toEqual([
      ['source-lost', 0],
      ['source-lost', 1],
    ]);
  });

  describe('asked for the first price of a time', () => {
    it('asks the next where one has none, which is no loss', async () => {
      const [one, two] = [await hermes({ kind: 'answering', status: 404, body: '' }), await hermes()];
      const { sources, events } = sourcesOf([one, two]);
      const { prices } = await sources.at(clock, [ID]);
      expect(prices[0]?.publishTime).toBe(clock);
      expect(events).toEqual([]);
    });

    it('asks the next where one fails, which is a loss', async () => {
      const [one, two] = [await hermes({ kind: 'breaking' }), await hermes()];
      const { sources, told } = sourcesOf([one, two]);
      await sources.at(clock, [ID]);
      await sources.at(clock, [ID]);
      expect(told()).toEqual([['source-lost', 0]]);
      expect(one.asked).toHaveLength(1);
    });

    it('takes what proves to be the first before what does not', async () => {
      const first: Mood = { kind: 'serving', price: OTHER };
      for (const wrong of [{ kind: 'serving', age: 1n } as const, { kind: 'serving', gap: 0n } as const]) {
        const [one, two] = [await hermes(wrong), await hermes(first)];
        const { sources } = sourcesOf([one, two]);
        expect(priceOf(await sources.at(clock, [ID]))).toBe(OTHER);
        two.mood = wrong;
        expect(priceOf(await sources.at(clock, [ID]))).toBe(ETH.price);
      }
    });

    it('says why there is none', async () => {
      const none: Mood = { kind: 'answering', status: 404, body: '' };
      const { sources } = sourcesOf([await hermes(none), await hermes(none)]);
      await expect(sources.at(clock, [ID])).rejects.toMatchObject({ name: 'PriceNotPublishedError' });
    });
  });

  it('does not trust a service whose update the chain refused, until it is tried again', async () => {
    const [one, two] = [await hermes(), await hermes({ kind: 'serving', price: OTHER })];
    const { sources, told } = sourcesOf([one, two]);
    const { update } = await sources.latest([ID]);
    sources.distrust(update, new NoPriceSourceError([]));
    expect(priceOf(await sources.latest([ID]))).toBe(OTHER);
    await sources.idle();
    expect(told()).toEqual([['source-lost', 0]]);
    two.mood = { kind: 'breaking' };
    // Better than nothing.
    expect(priceOf(await sources.latest([ID]))).toBe(ETH.price);
    expect(told()).toEqual([
      ['source-lost', 0],
      ['source-lost', 1],
    ]);
    two.mood = { kind: 'serving', price: OTHER };
    clock += 2n;
    await sources.latest([ID]);
    await sources.idle();
    expect(told().slice(2)).toEqual(
      expect.arrayContaining([
        ['source-back', 0],
        ['source-back', 1],
      ]),
    );
  });
});
