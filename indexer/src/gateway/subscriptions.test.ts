import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { GatewayClient } from '../../test/gatewayClient.ts';
import { MovingFixture } from '../../test/movingFixture.ts';
import { type RunningGateway, startGateway } from './gateway.ts';

let served: MovingFixture;
let next: MovingFixture;
let present: MovingFixture;
let gateway: RunningGateway;
beforeAll(async () => {
  served = await MovingFixture.open();
  next = await MovingFixture.open('0x77');
}, 60_000);
afterAll(async () => {
  await served.database.close();
  await next.database.close();
});
beforeEach(async () => {
  present = served;
  gateway = await startGateway({ served: () => present, port: 0, limits: { heartbeat: 200 } });
});
afterEach(async () => {
  await gateway.close();
  await served.revertTo(14n);
  await next.revertTo(14n);
});

const PRICE = 'subscription { market(id: "eth") { price } }';
const priced = (price: string) => ({ data: { market: { price } } });
const is = (expected: unknown) => (answer: unknown) => JSON.stringify(answer) === JSON.stringify(expected);
const counted = async (name: string) => {
  const text = await (await fetch(`http://127.0.0.1:${gateway.port}/metrics`)).text();
  return Number(new RegExp(`^tidemark_gateway_${name} (\\d+)$`, 'm').exec(text)?.[1]);
};

describe.each(['websocket', 'events'] as const)('A subscription by %s', (kind) => {
  let client: GatewayClient;
  beforeEach(() => {
    client = new GatewayClient(gateway.port, kind);
  });
  afterEach(() => client.close());

  test('is answered at once, and when what it asks for has changed', async () => {
    const heard = client.subscribe(PRICE);
    await heard.until(is(priced('3100.25')));
    await served.reprice('3200');
    await heard.until(is(priced('3200')));
    expect(heard.answers).toEqual([priced('3100.25'), priced('3200')]);
  });

  test('is not answered again while the answer is the same', async () => {
    const heard = client.subscribe(PRICE);
    await heard.until(is(priced('3100.25')));
    await served.advance(['Trade']);
    await served.advance(['Market']);
    await served.reprice('3300');
    await heard.until(is(priced('3300')));
    expect(heard.answers).toHaveLength(2);
    expect(await counted('subscription_runs_total')).toBeLessThanOrEqual(3);
  });

  test('of what changes with every block is answered with every block', async () => {
    const heard = client.subscribe('subscription { _meta { block { number } } }');
    await heard.until(is({ data: { _meta: { block: { number: 14 } } } }));
    await served.advance([]);
    await heard.until(is({ data: { _meta: { block: { number: 15 } } } }));
  });

  test('hears that more blocks are safe though nothing else has changed', async () => {
    const heard = client.subscribe('subscription { _meta { safe } }');
    await heard.until(is({ data: { _meta: { safe: 13 } } }));
    served.chain = { latest: 15n, safe: 14n, finalized: 12n };
    await heard.until(is({ data: { _meta: { safe: 14 } } }));
    served.chain = { latest: 15n, safe: 13n, finalized: 12n };
  });

  test('hears of a reorganisation whose blocks are empty', async () => {
    await served.reprice('3200');
    const heard = client.subscribe(PRICE);
    await heard.until(is(priced('3200')));
    await served.revertTo(14n);
    await heard.until(is(priced('3100.25')));
  });

  test('that is not valid is refused with the reason', async () => {
    const heard = client.subscribe('subscription { nothing }');
    await heard.ended;
    expect(JSON.stringify([heard.answers, heard.errors])).toMatch(/Cannot query field .*nothing/);
  });

  test('ends when its client ends it', async () => {
    const heard = client.subscribe(PRICE);
    await heard.until(is(priced('3100.25')));
    expect(await counted('subscriptions')).toBe(1);
    heard.end();
    await expect.poll(() => counted('subscriptions'), { timeout: 10_000 }).toBe(0);
  });

  test('goes on with another deployment when one takes over', async () => {
    const heard = client.subscribe(PRICE);
    await heard.until(is(priced('3100.25')));
    await next.reprice('9');
    present = next;
    await heard.until(is(priced('9')));
    await next.reprice('10');
    await heard.until(is(priced('10')));
  });

  test('ends with the gateway', async () => {
    const heard = client.subscribe(PRICE);
    await heard.until(is(priced('3100.25')));
    await gateway.close();
    await heard.ended;
    gateway = await startGateway({ served: () => present, port: 0 });
  });
});

test('A query can be asked by either way, and is answered once', async () => {
  for (const kind of ['websocket', 'events'] as const) {
    const client = new GatewayClient(gateway.port, kind);
    const heard = client.subscribe('{ market(id: "btc") { name } }');
    await heard.ended;
    expect(heard.answers).toEqual([{ data: { market: { name: 'Bitcoin' } } }]);
    await client.close();
  }
});

test('Equal subscriptions run once for all', async () => {
  const clients = Array.from({ length: 3 }, () => new GatewayClient(gateway.port, 'websocket'));
  const heard = clients.flatMap((client) => Array.from({ length: 10 }, () => client.subscribe(PRICE)));
  await Promise.all(heard.map((one) => one.until(is(priced('3100.25')))));
  const before = await counted('subscription_runs_total');
  await served.reprice('3400');
  await Promise.all(heard.map((one) => one.until(is(priced('3400')))));
  expect(await counted('subscription_runs_total')).toBe(before + 1);
  await Promise.all(clients.map((client) => client.close()));
});

test('A change while the first answer is read is not lost', async () => {
  const client = new GatewayClient(gateway.port, 'websocket');
  for (let price = 4000; price < 4010; price++) {
    const heard = client.subscribe(PRICE);
    await served.reprice(`${price}`);
    await heard.until(is(priced(`${price}`)));
    heard.end();
  }
  await client.close();
});

test('After any blocks and reorganisations the last answer of each is that of a query', async () => {
  const clients = [new GatewayClient(gateway.port, 'websocket'), new GatewayClient(gateway.port, 'events')];
  const fields = [
    'market(id: "eth") { price }',
    'markets(orderBy: price) { id price }',
    '_meta { block { number hash } }',
    'positions(where: { market_: { price_gt: 3150 } }) { id market { price } }',
    'trades(first: 3) { id market { price } }',
  ];
  const open = clients.flatMap((client) =>
    fields.map((field) => ({ client, field, heard: client.subscribe(`subscription { ${field} }`) })),
  );
  // A fixed sequence that looks random.
  for (let step = 1; step <= 40; step++) {
    const draw = (step * 7919) % 10;
    if (draw < 6) await served.reprice(`${3000 + ((step * 104729) % 400)}`);
    else if (draw < 8) await served.advance([]);
    else await served.revertTo(served.head.number - BigInt(Math.min(draw, Number(served.head.number - 14n))));
  }
  for (const { client, field, heard } of open) await heard.until(is(await client.query(`{ ${field} }`)));
  await Promise.all(clients.map((client) => client.close()));
});
