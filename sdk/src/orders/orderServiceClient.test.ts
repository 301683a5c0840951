import { describe, expect, it } from 'vitest';
import { limitOrder } from './builders.ts';
import { orderOf } from './orderOf.ts';
import { OrderServiceClient } from './orderServiceClient.ts';
import {
  OrderServiceMalformedError,
  OrderServiceRefusedError,
  OrderServiceUnreachableError,
} from './orderServiceErrors.ts';
import { encodeKept, type KeptOrder, orderIdOf } from './orderServiceWire.ts';

const kept = (nonce: bigint): KeptOrder => {
  const account = `0x${'01'.repeat(32)}` as const;
  const fields = { ...limitOrder({ account, sizeDelta: 10n ** 12n, price: 10n ** 18n }), nonce };
  const signed = { market: 1n, order: orderOf(fields), signature: '0xab' as const };
  return { id: orderIdOf(signed), status: 'waiting', ...signed };
};
const answering = (...answers: [status: number, body: unknown][]) => {
  const asked: string[] = [];
  const service = async (input: RequestInfo | URL) => {
    asked.push(String(input));
    const [status, body] = answers[Math.min(asked.length, answers.length) - 1] as [number, unknown];
    return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status });
  };
  return { asked, client: new OrderServiceClient({ url: 'http://key:word@one.test/secret/', fetch: service }) };
};

describe('OrderServiceClient', () => {
  it('lists page after page', async () => {
    const [one, two] = [kept(1n), kept(2n)];
    const { client, asked } = answering(
      [200, { version: 1, orders: [encodeKept(one)], next: one.id }],
      [200, { version: 1, orders: [encodeKept(two)], next: null }],
    );
    expect(await client.list({ market: 1n })).toEqual([one, two]);
    expect(asked.map((url) => new URL(url).search)).toEqual(['?market=1', `?market=1&after=${one.id}`]);
  });

  it('says what the service says of a refusal', async () => {
    const told = { code: 'MarginTooLow', what: 'Too little.', next: 'Deposit more.', retryable: false };
    const { client } = answering([422, { version: 1, error: { ...told, place: 0, actual: '5', limit: '7' } }]);
    const error = await client.place([kept(1n)]).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(OrderServiceRefusedError);
    const { what, ...rest } = told;
    expect(error).toMatchObject({ ...rest, shortMessage: what, status: 422, place: 0, actual: 5n, limit: 7n });
    expect(error.line).toBe('Too little. Deposit more.');
  });

  it.each([
    [502, '<html>bad gateway</html>', true],
    [404, 'not here', false],
    [500, { version: 1, error: null }, true],
  ])('makes a refusal of any other answer: %i %j', async (status, body, retryable) => {
    const error = await answering([status, body])
      .client.place([kept(1n)])
      .catch((thrown) => thrown);
    expect(error).toBeInstanceOf(OrderServiceRefusedError);
    expect(error).toMatchObject({ status, code: 'Unknown', retryable });
  });

  it.each(['', '{}', { version: 2, orders: [] }, { version: 1 }, { version: 1, orders: [{}] }])(
    'believes no malformed answer: %j',
    async (body) => {
      const asking = answering([200, body]).client.place([kept(1n)]);
      await expect(asking).rejects.toBeInstanceOf(OrderServiceMalformedError);
    },
  );

  it('says that a service does not answer, without its address’s secrets', async () => {
    const url = 'http://127.0.0.1:1/secret';
    const error = await new OrderServiceClient({ url }).place([kept(1n)]).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(OrderServiceUnreachableError);
    expect([error.retryable, error.line.includes('secret')]).toEqual([true, false]);
  });
});
