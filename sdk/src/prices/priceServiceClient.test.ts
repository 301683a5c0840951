import { describe, expect, it } from 'vitest';
import { PriceServiceClient } from './priceServiceClient.ts';
import {
  PriceNotPublishedError,
  PriceServiceMalformedError,
  PriceServiceRefusedError,
  PriceServiceUnreachableError,
} from './priceServiceErrors.ts';

const ID = `0x${'ab'.repeat(32)}` as const;
const answer = {
  binary: { encoding: 'hex', data: ['504e4155'] },
  parsed: [
    {
      id: 'ab'.repeat(32),
      price: { price: '200012345678', conf: '10000000', expo: -8, publish_time: 1_700_000_002 },
      metadata: { prev_publish_time: 1_700_000_001 },
    },
  ],
};

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
    expect(update.update).toEqual(['0x504e4155']);
    expect(update.prices).toEqual([
      {
        id: ID,
        price: 2000_123456780000000000n,
        confidence: 10n ** 17n,
        publishTime: 1_700_000_002n,
        prevPublishTime: 1_700_000_001n,
      },
    ]);
    expect(asked.at(-1)).toBe(`http://prices/v2/updates/price/latest?ids[]=${ID}&encoding=hex&parsed=true`);
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

  it.each([
    ['no JSON', '<html>'],
    ['no bytes', { parsed: answer.parsed }],
    ['bytes that are none', { ...answer, binary: { data: ['xyz'] } }],
    ['another feed', { ...answer, parsed: [{ ...answer.parsed[0], id: 'cd'.repeat(32) }] }],
    [
      'an exponent out of range',
      { ...answer, parsed: [{ ...answer.parsed[0], price: { price: '1', conf: '1', expo: 3 } }] },
    ],
  ])('refuses %s', async (_what, body) => {
    await expect(serving(body).latest([ID])).rejects.toBeInstanceOf(PriceServiceMalformedError);
  });
});
