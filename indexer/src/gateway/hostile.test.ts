import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { post, query, RawSocket, tcp } from '../../test/hostileClients.ts';
import { MovingFixture } from '../../test/movingFixture.ts';
import { type RunningGateway, startGateway } from './gateway.ts';

let served: MovingFixture;
let gateway: RunningGateway;
beforeAll(async () => {
  served = await MovingFixture.open();
  gateway = await startGateway({
    served: () => served,
    port: 0,
    limits: {
      request: 600,
      heartbeat: 300,
      drain: 500,
      body: 20_000,
      result: 500,
      unread: 100_000,
      rate: { perSecond: 200, burst: 5_000 },
      subscriptions: { total: 120, perAddress: 100, perConnection: 50 },
    },
  });
}, 60_000);
afterAll(async () => {
  await gateway.close();
  await served.database.close();
});

const drops = async (reason: string) => {
  const text = await (await fetch(`http://127.0.0.1:${gateway.port}/metrics`)).text();
  return Number(new RegExp(`drops_total\\{reason="${reason}"\\} (\\d+)`).exec(text)?.[1] ?? 0);
};

const upgradeTo = (path: string, protocol: string) =>
  `GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: ${protocol}\r\n\r\n`;

describe('Requests that are refused', () => {
  const nested = (depth: number) =>
    `{ markets { ${'positions { market { '.repeat(depth)} id ${'} } '.repeat(depth)} } }`;
  test.each([
    ['a deep one', nested(20), /levels/],
    ['a very deep one', `${'{ a '.repeat(1_300)} ${'}'.repeat(1_300)}`, /tokens|characters|levels/i],
    [
      'one of many aliases',
      `{ ${Array.from({ length: 200 }, (_, i) => `a${i}: markets { id }`).join(' ')} }`,
      /aliases|fields/,
    ],
    ['one of a huge first', '{ trades(first: 1000000) { id } }', /1000/],
    ['one of a huge skip', '{ trades(skip: 1000000) { id } }', /5000/],
    [
      'one of lists within lists',
      '{ markets(first: 1000) { trades(first: 1000) { account { trades(first: 1000) { id } } } } }',
      /entities/,
    ],
    [
      'one of a filter with too many conditions',
      `{ trades(where: { or: [${Array.from({ length: 150 }, () => '{ memo_contains: "a" }').join(' ')}] }) { id } }`,
      /conditions/,
    ],
    [
      'a giant introspection',
      `{ ${'a'.repeat(10)}: __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }`,
      /introspection/i,
    ],
    [
      'fragments that spread each other',
      '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }',
      /itself|spread|fields/i,
    ],
  ])('%s', async (_, text, reason) => {
    const { words } = await query(gateway.port, text);
    expect(words).toMatch(/"errors"/);
    expect(words).toMatch(reason);
  });

  test('a giant document', async () => {
    expect((await query(gateway.port, `{ ${'markets { id } '.repeat(5_000)} }`)).code).toBe(413);
  });

  test('a body that never ends', async () => {
    const head =
      'POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n';
    const chunk = `2000\r\n${'a'.repeat(0x2000)}\r\n`;
    expect((await tcp(gateway.port, [head, chunk, chunk, chunk, chunk], 5)).code).toBe(413);
  });

  test('a body that comes a byte at a time', async () => {
    const head =
      'POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n';
    expect((await tcp(gateway.port, [head, ...Array.from({ length: 100 }, () => ' ')], 100)).code).toBe(408);
  });

  test('headers that come a byte at a time', async () => {
    const bytes = Array.from({ length: 100 }, () => 'a');
    expect((await tcp(gateway.port, ['GET /graphql HTTP/1.1\r\nx: ', ...bytes], 100)).code).toBe(408);
  });

  test('headers without end, and what is no HTTP', async () => {
    expect((await tcp(gateway.port, [`GET / HTTP/1.1\r\nx: ${'a'.repeat(30_000)}\r\n\r\n`])).code).toBe(431);
    expect((await tcp(gateway.port, ['\u0016\u0003\u0001 nonsense\r\n\r\n'])).code).toBe(400);
  });

  test('a body that is no JSON, or no object', async () => {
    for (const body of ['{', '[]', 'null', '{"query":5}', '{"query":"{markets{id}}","variables":[]}'])
      expect((await post(gateway.port, body)).code).toBe(400);
  });
});

describe('A WebSocket is closed', () => {
  test('that speaks another protocol, or does not say which', async () => {
    expect((await new RawSocket(gateway.port, null).closed).code).toBe(4406);
    expect((await tcp(gateway.port, [upgradeTo('/graphql', 'graphql-ws')])).words).toMatch(
      'Subprotocol not acceptable',
    );
  });

  test('that does not begin', async () => {
    expect((await new RawSocket(gateway.port).closed).code).toBe(4408);
  });

  test('that subscribes before it has begun', async () => {
    const client = new RawSocket(gateway.port);
    await client.opened;
    client.subscribe('1', 'subscription { markets { id } }');
    expect((await client.closed).code).toBe(4401);
  });

  test.each([
    ['no JSON', '{'],
    ['a message of no kind', '{"type":"nothing"}'],
    ['a subscription without a document', '{"id":"1","type":"subscribe","payload":{}}'],
    ['binary rubbish as text', '\u0000\u0001'],
  ])('that sends %s', async (_, message) => {
    const client = await new RawSocket(gateway.port).begin();
    client.send(message);
    expect((await client.closed).code).toBe(4400);
  });

  test('that sends two operations of one id', async () => {
    const client = await new RawSocket(gateway.port).begin();
    client.subscribe('1', 'subscription { markets { id } }');
    client.subscribe('1', 'subscription { markets { id } }');
    expect((await client.closed).code).toBe(4409);
  });

  test('that sends a message too long', async () => {
    const client = await new RawSocket(gateway.port).begin();
    client.send('a'.repeat(30_000));
    expect((await client.closed).code).toBe(1009);
  });

  test('that sends a frame without a mask', async () => {
    const before = await drops('malformed');
    const { code } = await tcp(gateway.port, [upgradeTo('/graphql', 'graphql-transport-ws'), '\u0081\u0002hi'], 20);
    expect(code).toBe(101);
    expect(await drops('malformed')).toBe(before + 1);
  });

  test('that does not answer pings', async () => {
    const client = await new RawSocket(gateway.port).begin();
    const before = await drops('silent');
    client.stopReading();
    await expect.poll(() => drops('silent'), { timeout: 10_000 }).toBe(before + 1);
    client.socket.terminate();
  });

  test('at another path', async () => {
    expect((await tcp(gateway.port, [upgradeTo('/else', 'graphql-transport-ws')])).code).toBe(404);
  });
});

describe('Subscriptions that are refused', () => {
  test('beyond fifty of a connection, and beyond what an address may have', async () => {
    const clients = await Promise.all(Array.from({ length: 3 }, () => new RawSocket(gateway.port).begin()));
    const kinds: string[] = [];
    for (const client of clients)
      for (let index = 0; index < 51; index++) {
        client.subscribe(`${index}`, `subscription { markets(first: ${index + 1}) { id } }`);
        const { type, payload } = await client.about(`${index}`);
        kinds.push(type === 'next' ? 'next' : JSON.stringify(payload));
      }
    expect(kinds.filter((kind) => kind === 'next')).toHaveLength(100);
    expect(kinds.filter((kind) => kind.includes('Operations of a connection may be 50'))).toHaveLength(2);
    expect(kinds.filter((kind) => kind.includes('Subscriptions of one address may be 100'))).toHaveLength(51);
    for (const client of clients) client.socket.close();
    await Promise.all(clients.map(({ closed }) => closed));
  });

  test('whose answer is too large', async () => {
    const client = await new RawSocket(gateway.port).begin();
    client.subscribe(
      '1',
      'subscription { trades { id account { id label } market { id name } size price memo data } positions { id } markets { id name tags limits } accounts { id label markets { id name tags price } } volumes { id market { id name } amount } }',
    );
    const { type, payload } = await client.about('1');
    expect(type).toBe('error');
    expect(JSON.stringify(payload)).toMatch(/TOO_LARGE/);
    client.socket.close();
  });
});

test('An address that asks too often hears when to ask again', async () => {
  const strict = await startGateway({ served: () => served, port: 0, limits: { rate: { perSecond: 1, burst: 3 } } });
  const ask = () => fetch(`http://127.0.0.1:${strict.port}/graphql?query={markets{id}}`);
  const answers = [await ask(), await ask(), await ask(), await ask()];
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
  expect(answers[3]?.headers.get('retry-after')).toBe('1');
  await strict.close();
});

test('A client that floods its WebSocket is dropped', async () => {
  const strict = await startGateway({ served: () => served, port: 0, limits: { rate: { perSecond: 1, burst: 50 } } });
  const client = await new RawSocket(strict.port).begin();
  for (let index = 0; index < 60; index++) client.send({ type: 'ping' });
  expect(await client.closed).toEqual({ code: 1008, words: 'This address sends too much.' });
  await strict.close();
});

test('More connections than an address may have are closed', async () => {
  const strict = await startGateway({
    served: () => served,
    port: 0,
    limits: { connections: { total: 10, perAddress: 3 } },
  });
  const clients = Array.from({ length: 5 }, () => new RawSocket(strict.port));
  const codes = await Promise.race([
    Promise.all(clients.slice(3).map(({ closed }) => closed)),
    Promise.all(clients.slice(0, 3).map(({ closed }) => closed)),
  ]);
  expect(codes.every(({ code }) => code === 1006)).toBe(true);
  for (const { socket } of clients) socket.terminate();
  await strict.close();
});
