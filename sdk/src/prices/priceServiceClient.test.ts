import { describe, expect, it } from 'vitest';
import { ETH, encode, writeUpdate } from '../../test/writeUpdate.ts';
import { type PriceMessage, PriceUpdateCutShortError } from '../pyth/index.ts';
import { PriceServiceClient } from './priceServiceClient.ts';
import {
  PriceNotPublishedError,
  PriceServiceMalformedError,
  PriceServiceRefusedError,
  PriceServiceUnreachableError,
} from './priceServiceErrors.ts';

const { id: ID } = ETH;
/** Another feed's price at an ordinary exponent. */
const OTHER: PriceMessage = { ...ETH, id: `0x${'cd'.repeat(32)}` };
const saying = (...prices: PriceMessage[]) => {
  const update = writeUpdate({ messages: prices.map((price) => encode(price)) });
  return { binary: { encoding: 'hex', data: [update.slice(2)] } };
};
const answer = saying(ETH);

const asked: string[] = [];
const serving = (body: unknown, status = 200) =>
  new PriceServiceClient({
    url: 'http://prices/',
    fetch: async (input) => {
      asked.push(String(input));
      return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status });
    },
  });

describe('PriceServiceClient', () => {
  it('gives the signed bytes and what they say', async () => {
    const update = await serving(answer).latest([ID]);
    expect(update.update).toEqual([writeUpdate({ messages: [encode(ETH)] })]);
    expect(update.prices).toEqual([
      {
        id: ID,
        price: 2000_12345678n * 10n ** 10n,
        confidence: 10n ** 17n,
        publishTime: 1_700_000_002n,
        prevPublishTime: 1_700_000_001n,
      },
    ]);
    expect(asked.at(-1)).toBe(`http://prices/v2/updates/price/latest?ids[]=${ID}&encoding=hex&parsed=false`);
  });

  it('asks for the first price at or after a time', async () => {
    await serving(answer).at(1_700_000_002n, [ID]);
    expect(asked.at(-1)).toContain('/v2/updates/price/1700000002?');
  });

  it('tells a price that is not published yet from a service that refuses', async () => {
    await expect(serving('none', 404).at(5n, [ID])).rejects.toBeInstanceOf(PriceNotPublishedError);
    await expect(serving('none', 404).latest([ID])).rejects.toBeInstanceOf(PriceServiceRefusedError);
    await expect(serving('key?', 401).at(5n, [ID])).rejects.toMatchObject({ status: 401, retryable: false });
    await expect(serving('busy', 503).at(5n, [ID])).rejects.toMatchObject({ status: 503, retryable: true });
  });

  it('tells a service that is gone', async () => {
    const client = new PriceServiceClient({
      url: 'http://prices',
      fetch: () => Promise.reject(new TypeError('fetch failed')),
    });
    await expect(client.latest([ID])).rejects.toBeInstanceOf(PriceServiceUnreachableError);
  });

  it('tells neither a key nor the path of an address, which may be one', async () => {
    const fetched = async () => new Response('no key s3cret here', { status: 401 });
    for (const fetch of [fetched, () => Promise.reject(new TypeError('fetch failed'))]) {
      const client = new PriceServiceClient({ url: 'http://prices/s3cret/hermes', key: 's3cret', fetch });
      const { line } = await client.latest([ID]).catch((error) => error);
      expect(line).toContain('http://prices ');
      expect(line).not.toContain('s3cret');
    }
  });

  it('believes the signed bytes and not what is said beside them', async () => {
    const parsed = [{ id: ID.slice(2), price: { price: '1', conf: '1', expo: 0, publish_time: 1 } }];
    const { prices } = await serving({ ...answer, parsed }).latest([ID]);
    expect(prices).toEqual((await serving(answer).latest([ID])).prices);
  });

  it('reads several feeds', async () => {
    const { prices } = await serving(saying(ETH, OTHER)).latest([OTHER.id, ID]);
    expect(prices.map(({ id }) => id)).toEqual([ID, OTHER.id]);
  });

  it.each([
    ['no JSON', '<html>'],
    ['null', 'null'],
    ['no bytes', {}],
    ['no update', { binary: { data: [] } }],
    ['bytes that are none', { binary: { data: ['xyz'] } }],
    ['bytes of another encoding', { binary: { data: [Buffer.from('PNAU').toString('base64')] } }],
    ['what is no text', { binary: { data: [5] } }],
    ['an update cut short', { binary: { data: [answer.binary.data[0]?.slice(0, -2)] } }],
    ['a padded update', { binary: { data: [`${answer.binary.data[0]}00`] } }],
    ['an altered price', { binary: { data: [answer.binary.data[0]?.replace('2e91aa314e', '2e91aa314f')] } }],
    ['another feed', saying(OTHER)],
    ['a feed more', saying(ETH, OTHER)],
    ['a feed twice', { binary: { data: [...answer.binary.data, ...answer.binary.data] } }],
    ['an exponent out of range', saying({ ...ETH, expo: 3 })],
    ['an exponent below the range', saying({ ...ETH, expo: -19 })],
  ])('refuses %s', async (_what, body) => {
    const error = await serving(body)
      .latest([ID])
      .then(
        () => expect.fail('it was taken'),
        (thrown) => thrown,
      );
    expect(error).toBeInstanceOf(PriceServiceMalformedError);
    expect(error.line).not.toContain('\n');
  });

  it('says at which byte an update is broken', async () => {
    const cut = { binary: { data: [answer.binary.data[0]?.slice(0, 100)] } };
    await expect(serving(cut).latest([ID])).rejects.toMatchObject({
      cause: expect.any(PriceUpdateCutShortError),
      shortMessage: expect.stringContaining('at byte'),
    });
  });
});
