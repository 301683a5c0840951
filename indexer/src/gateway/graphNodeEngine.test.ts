import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cases } from '../../test/conformance/query/cases.ts';
import { fixture } from '../../test/conformance/query/fixture.ts';
import { GatewayClient } from '../../test/gatewayClient.ts';
import { type GraphNodeProcess, startGraphNodeDouble } from '../../test/graphNode.ts';
import { GraphNodeError } from './errors.ts';
import { type RunningGateway, startGateway } from './gateway.ts';

let node: GraphNodeProcess;
let gateway: RunningGateway;
let client: GatewayClient;
beforeAll(async () => {
  node = await startGraphNodeDouble();
  gateway = await startGateway({ engine: { url: node.url, schema: fixture.schema, pollMs: 20 }, port: 0 });
  client = new GatewayClient(gateway.port, 'websocket');
}, 60_000);
afterAll(async () => {
  await client.close();
  await gateway.close();
  await node.end();
});

describe('Before a graph-node', () => {
  test.each(cases.filter(({ beyond }) => !beyond))('$name', async ({ query, variables, expected, error }) => {
    const { data, errors } = (await client.query(query, variables)) as {
      data?: unknown;
      errors?: { message: string }[];
    };
    if (error === undefined) expect({ data, errors }).toEqual({ data: expected, errors: undefined });
    else expect(errors?.map(({ message }) => message).join('\n')).toMatch(error);
  });

  test('what it does not have is null', async () => {
    expect(await client.query('{ m: _meta { safe final: finalized block { number } } }')).toEqual({
      data: { m: { safe: null, final: null, block: { number: 14 } } },
    });
  });

  test('subscriptions hear of changes, of blocks and of reorganisations', async () => {
    const price = client.subscribe('subscription { market(id: "eth") { price } }');
    const number = client.subscribe('subscription { _meta { block { number } } }');
    const is = (expected: unknown) => (answer: unknown) =>
      JSON.stringify(answer) === JSON.stringify({ data: expected });
    await price.until(is({ market: { price: '3100.25' } }));
    await number.until(is({ _meta: { block: { number: 14 } } }));
    await node.move({ move: 'reprice', price: '3200' });
    await price.until(is({ market: { price: '3200' } }));
    await node.move({ move: 'advance' });
    await number.until(is({ _meta: { block: { number: 16 } } }));
    await node.move({ move: 'revertTo', number: 14 });
    await price.until(is({ market: { price: '3100.25' } }));
    await number.until(is({ _meta: { block: { number: 14 } } }));
    // Another block of the same number as before.
    await node.move({ move: 'reprice', price: '3300' });
    await price.until(is({ market: { price: '3300' } }));
    await node.move({ move: 'revertTo', number: 14 });
    await price.until(is({ market: { price: '3100.25' } }));
  });

  test('a block that changes nothing of what a subscription asks for does not run it again', async () => {
    const runs = async () => {
      const text = await (await fetch(`http://127.0.0.1:${gateway.port}/metrics`)).text();
      return Number(/subscription_runs_total (\d+)/.exec(text)?.[1]);
    };
    const seen = (number: number) => (answer: unknown) => JSON.stringify(answer).includes(`"number":${number}`);
    const blocks = client.subscribe('subscription { _meta { block { number } } }');
    await blocks.until(seen(14));
    const trades = client.subscribe('subscription { trades { id } }');
    await trades.until(() => true);
    const before = await runs();
    await node.move({ move: 'advance' });
    await blocks.until(seen(15));
    expect(await runs()).toBe(before + 1);
    await node.move({ move: 'revertTo', number: 14 });
    await blocks.until(seen(14));
  });

  test('its head and health are told', async () => {
    const health = await (await fetch(`http://127.0.0.1:${gateway.port}/health`)).json();
    expect(health).toMatchObject({ healthy: true, block: '14', deployment: fixture.id, behind: null });
  });
});

describe('A graph-node is refused at the start', () => {
  const open = (url: string) => startGateway({ engine: { url, schema: fixture.schema }, port: 0 });
  const answering = async (body: string, use: (url: string) => Promise<void>) => {
    const server = createServer((_, response) => response.end(body)).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/secret`);
    server.close();
  };

  test('that is not there, without telling more of its URL than the host', async () => {
    const failing = open('http://127.0.0.1:9/key-of-mine');
    await expect(failing).rejects.toBeInstanceOf(GraphNodeError);
    await expect(failing).rejects.not.toThrow(/key-of-mine/);
  });

  test('that does not speak GraphQL', () =>
    answering('<html>', async (url) => expect(open(url)).rejects.toThrow(/without JSON/)));

  test('that serves another subgraph', () =>
    answering(JSON.stringify({ data: null, errors: [] }), async (url) =>
      expect(open(url)).rejects.toThrow(/another subgraph/),
    ));
});
