import { DatabaseFailedError } from '@tidemark/database';
import { GraphQLError } from 'graphql';
import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MovingFixture } from '../../test/movingFixture.ts';
import type { Served } from '../store/types.ts';
import { GatewayPortError } from './errors.ts';
import { type RunningGateway, startGateway } from './gateway.ts';

let served: MovingFixture;
let gateway: RunningGateway;
let url: string;
beforeAll(async () => {
  served = await MovingFixture.open();
  gateway = await startGateway({
    served: () => served,
    warn: console.error,
    port: 0,
    extensions: {
      typeDefs: `
        extend type Query { keptOrders(account: Bytes): [Bytes!]! }
        type Mutation { placeOrder(order: Bytes!): Bytes! }
      `,
      resolvers: {
        Query: { keptOrders: (_, { account }) => [account ?? '0x01'] },
        Mutation: {
          placeOrder: (_, { order }, { address }) => {
            if (order === '0x00')
              throw new GraphQLError('No.', { extensions: { code: 'ZeroSize', next: 'Ask for more.' } });
            return address === '127.0.0.1' ? order : '0x';
          },
        },
      },
    },
    routes: ({ url: path }, response) => {
      if (path !== '/orders') return false;
      response.end('orders');
      return true;
    },
  });
  url = `http://127.0.0.1:${gateway.port}`;
}, 60_000);
afterAll(async () => {
  await gateway.close();
  await served.database.close();
});

/** What is served, to put something else in the place of a part. */
const parts = (): Served => ({
  id: served.id,
  schema: served.schema,
  database: served.database,
  namespace: served.namespace,
  standing: () => served.standing(),
  subscribe: (listener) => served.subscribe(listener),
});

const post = async (body: unknown, headers: Record<string, string> = {}) => {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
};
const query = async (text: string, variables?: object) => (await post({ query: text, variables })).body;

describe('The gateway answers', () => {
  test('queries by POST and by GET', async () => {
    const text = '{ market(id: "btc") { name } }';
    const data = { market: { name: 'Bitcoin' } };
    expect(await query(text)).toEqual({ data });
    const got = await fetch(`${url}/graphql?query=${encodeURIComponent(text)}`);
    expect(await got.json()).toEqual({ data });
    expect(got.headers.get('access-control-allow-origin')).toBe('*');
  });

  test('with variables, and the operation that is named', async () => {
    const text = 'query One($id: ID!) { market(id: $id) { name } } query Two { _meta { block { number } } }';
    const { body } = await post({ query: text, variables: { id: 'eth' }, operationName: 'One' });
    expect(body).toEqual({ data: { market: { name: 'Ether' } } });
  });

  test.each(serverAudits({ url: () => `${url}/graphql` }).map((audit) => [audit.name, audit] as const))(
    'as GraphQL over HTTP says: %s',
    async (name, audit) => {
      const result = await audit.fn();
      // Its authors count this to what may be done either way, and answer themselves as we do.
      if (name.startsWith('MAY')) return;
      expect(result.status === 'ok' ? 'ok' : `${result.status}: ${result.reason}`).toBe('ok');
    },
  );

  test('introspection, with subscriptions and extensions', async () => {
    const { data } = await query(
      '{ __schema { subscriptionType { fields { name } } mutationType { fields { name } } } }',
    );
    const names = data.__schema.subscriptionType.fields.map(({ name }: { name: string }) => name);
    expect(names).toContain('trades');
    expect(names).toContain('_meta');
    expect(data.__schema.mutationType.fields).toEqual([{ name: 'placeOrder' }]);
  });

  test('the extensions, which hear who asks, and whose errors pass unchanged', async () => {
    expect(await query('{ keptOrders(account: "0x0a") }')).toEqual({ data: { keptOrders: ['0x0a'] } });
    expect(await query('mutation { placeOrder(order: "0x05") }')).toEqual({ data: { placeOrder: '0x05' } });
    const { errors } = await query('mutation { placeOrder(order: "0x00") }');
    expect(errors[0].extensions).toEqual({ code: 'ZeroSize', next: 'Ask for more.' });
  });

  test('no operation that asks both for entities and for what extends them', async () => {
    const { errors } = await query('{ keptOrders markets { id } }');
    expect(errors[0].message).toMatch('operations of their own');
  });

  test('no mutation by GET', async () => {
    const response = await fetch(
      `${url}/graphql?query=${encodeURIComponent('mutation { placeOrder(order: "0x05") }')}`,
    );
    expect(response.status).toBe(405);
    const events = await fetch(`${url}/graphql?query=${encodeURIComponent('mutation { placeOrder(order: "0x05") }')}`, {
      headers: { accept: 'text/event-stream' },
    });
    expect(events.status).toBe(405);
  });

  test('a subscription without a stream with where to find one', async () => {
    expect((await query('subscription { markets { id } }')).errors[0].message).toMatch('graphql-transport-ws');
  });

  test('preflights of pages elsewhere', async () => {
    const response = await fetch(`${url}/graphql`, { method: 'OPTIONS' });
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-methods')).toBe('GET, POST');
  });

  test('the schema as text', async () => {
    const text = await (await fetch(`${url}/schema.graphql`)).text();
    expect(text).toContain('type Subscription');
    expect(text).toContain('What is traded.');
    expect(text).toContain('placeOrder');
  });

  test('what others mount beside it, and nothing elsewhere', async () => {
    expect(await (await fetch(`${url}/orders`)).text()).toBe('orders');
    expect((await fetch(`${url}/elsewhere`)).status).toBe(404);
    expect((await fetch(`${url}/health`, { method: 'POST' })).status).toBe(405);
  });

  test('its metrics', async () => {
    await query('{ markets { id } }');
    const text = await (await fetch(`${url}/metrics`)).text();
    expect(text).toMatch(/tidemark_gateway_operations_total\{outcome="answered"\} [1-9]/);
    expect(text).toMatch(/tidemark_gateway_block_number 14/);
  });
});

test('A gateway is healthy while blocks come and indexing goes on', async () => {
  let standing = served.standing();
  const now = { ...parts(), standing: () => standing };
  const one = await startGateway({ served: () => now, port: 0 });
  const health = async () => {
    const response = await fetch(`http://127.0.0.1:${one.port}/health`);
    return { status: response.status, ...(await response.json()) };
  };
  expect(await health()).toMatchObject({ status: 200, healthy: true, block: '14', behind: 1, failed: null });
  standing = { ...standing, waitingFiles: [{ cid: 'bafy', failures: 1, why: 'not found' }] };
  expect(await health()).toMatchObject({ status: 200, missingFiles: ['bafy'] });
  standing = { ...standing, chain: { latest: 100n, safe: null, finalized: null } };
  expect(await health()).toMatchObject({ status: 503, reasons: ['It is 86 blocks behind the chain.'] });
  standing = { ...standing, chain: null, failed: 'overflow' };
  expect(await health()).toMatchObject({ status: 503, reasons: ['Indexing ended: overflow'], failed: 'overflow' });
  await one.close();
});

test('A gateway whose blocks cease to come is not healthy', async () => {
  const still = await startGateway({ served: () => served, port: 0, limits: { silence: 0 } });
  const response = await fetch(`http://127.0.0.1:${still.port}/health`);
  expect(response.status).toBe(503);
  expect((await response.json()).reasons).toEqual(['No new block came for too long.']);
  await still.close();
});

test('A port that is taken is told', async () => {
  await expect(startGateway({ served: () => served, port: gateway.port })).rejects.toBeInstanceOf(GatewayPortError);
});

test('Of a database that fails clients hear only that it does, and the operator why', async () => {
  const read = () => Promise.reject(new DatabaseFailedError('gone'));
  const failing = { ...parts(), database: { ...served.database, read } };
  const lines: string[] = [];
  const one = await startGateway({ served: () => failing, port: 0, warn: (line) => lines.push(line) });
  const response = await fetch(`http://127.0.0.1:${one.port}/graphql?query={markets{id}}`);
  expect(response.status).toBe(503);
  expect((await response.json()).errors[0].extensions.code).toBe('UNAVAILABLE');
  expect(lines.join()).toMatch('The database failed: gone.');
  await one.close();
});
