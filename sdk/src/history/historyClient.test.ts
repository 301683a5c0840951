import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type HistoryServer, startHistoryServer } from '../../test/historyServer.ts';
import type { TidemarkError } from '../errors/index.ts';
import type { Document } from './document.ts';
import { HistoryClient } from './historyClient.ts';
import { HistoryMalformedError, HistoryRefusedError, HistoryUnreachableError } from './historyErrors.ts';

const Price: Document<{ price: bigint | null }, { market: string; over?: bigint }> = {
  name: 'Price',
  source: 'query Price($market:String $over:BigInt){price(market:$market over:$over)}',
  integers: { price: true },
};

const servers: HistoryServer[] = [];
const endings: (() => void)[] = [];
async function serve(...parameters: Parameters<typeof startHistoryServer>) {
  const server = await startHistoryServer(...parameters);
  servers.push(server);
  return { server, client: clientOf(server.url) };
}
const clientOf = (url: string, timeout = 10_000) =>
  new HistoryClient({ url, webSocket: WebSocket, retries: [5, 20], timeout });

afterEach(async () => {
  for (const end of endings.splice(0)) end();
  for (const server of servers.splice(0)) await server.close();
});

/** What a subscription tells, in its order. */
function follow(client: HistoryClient) {
  const told: unknown[] = [];
  let wake = () => {};
  const tell = (one: unknown) => {
    told.push(one);
    wake();
  };
  const end = client.subscribe(
    Price,
    { market: '0', over: 5n },
    {
      onResult: ({ price }) => tell(price),
      onRefused: (why) => tell(why),
      onLost: (why) => tell(why.name),
      onBack: () => tell('back'),
    },
  );
  endings.push(end);
  const until = async (count: number) => {
    while (told.length < count)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    return told;
  };
  return { told, until, end };
}

/** Answers everything by HTTP with one body. */
const answering = (body: string, status = 200) =>
  serve(0, (_, response) => {
    response.writeHead(status);
    response.end(body);
  });
const failing = (asking: Promise<unknown>) => asking.catch((error: TidemarkError) => error);

describe('a query', () => {
  it('brings integers of any length as bigint, and takes them', async () => {
    const { server, client } = await serve();
    server.set('-123456789012345678901234567890');
    expect(await client.query(Price, { market: '1', over: 2n ** 200n })).toEqual({
      price: -123456789012345678901234567890n,
    });
    expect(server.asked).toMatchObject([{ query: Price.source, variables: { market: '1', over: `${2n ** 200n}` } }]);
  });

  it('leaves what is not there null', async () => {
    const { server, client } = await serve();
    server.set(null);
    expect(await client.query(Price, { market: '1' })).toEqual({ price: null });
  });

  it('of an index that does not answer fails, and may be asked again', async () => {
    const { server } = await serve();
    await server.close();
    const error = await failing(clientOf(`${server.url}/key-of-mine`).query(Price, { market: '0' }));
    expect(error).toBeInstanceOf(HistoryUnreachableError);
    expect(error).toMatchObject({ retryable: true });
    expect((error as TidemarkError).shortMessage).not.toContain('key-of-mine');
  });

  it('of an index that says nothing in time fails', async () => {
    const { server } = await serve(0, () => {});
    expect(await failing(clientOf(server.url, 50).query(Price, { market: '0' }))).toBeInstanceOf(
      HistoryUnreachableError,
    );
  });

  it.each([
    ['by GraphQL', '{"errors":[{"message":"Too deep.","extensions":{"code":"DEPTH"}}]}', 200, 'DEPTH', false],
    ['with a part of the answer', '{"data":{"price":"1"},"errors":[{"message":"Half."}]}', 200, '', false],
    ['by its server', 'Bad gateway', 502, '', true],
    ['as asked too often', '{"errors":[{"message":"Slow down."}]}', 429, '', true],
  ])('that is refused %s says why', async (_, body, status, code, retryable) => {
    const { client } = await answering(body, status);
    const error = await failing(client.query(Price, { market: '0' }));
    expect(error).toBeInstanceOf(HistoryRefusedError);
    expect(error).toMatchObject({ status: status === 200 ? 0 : status, code, retryable });
  });

  it.each([
    ['no JSON', '<html>'],
    ['nothing', ''],
    ['no data', '{}'],
    ['a list', '{"data":[]}'],
    ['a field less', '{"data":{}}'],
    ['a fraction', '{"data":{"price":1.5}}'],
    ['a number that has lost digits', '{"data":{"price":12345678901234567890}}'],
    ['an object for a number', '{"data":{"price":{}}}'],
  ])('answered with %s is malformed', async (_, body) => {
    const { client } = await answering(body);
    expect(await failing(client.query(Price, { market: '0' }))).toBeInstanceOf(HistoryMalformedError);
  });
});

describe('a subscription', () => {
  it('tells the answer now and after each change, with integers as bigint', async () => {
    const { server, client } = await serve();
    const { until } = follow(client);
    await until(1);
    server.set('2');
    expect(await until(2)).toEqual([1n, 2n]);
    expect(server.asked).toMatchObject([{ variables: { market: '0', over: '5' } }]);
  });

  it('shares one connection with all others', async () => {
    const { server, client } = await serve();
    const all = [follow(client), follow(client), follow(client)];
    for (const { until } of all) await until(1);
    server.set('7');
    for (const { until } of all) expect(await until(2)).toEqual([1n, 7n]);
    expect(server.connections).toBe(1);
  });

  it('that loses its connection says so once, comes back, and tells what holds then', async () => {
    const { server, client } = await serve();
    const { told, until } = follow(client);
    await until(1);
    const { port } = server;
    await server.close();
    await until(2);
    const again = await startHistoryServer(port);
    servers.push(again);
    again.set('9');
    await until(4);
    expect(told.slice(0, 3)).toEqual([1n, 'HistoryUnreachableError', 'back']);
    again.set('10');
    while (told.at(-1) !== 10n) await until(told.length + 1);
    expect(told.filter((one) => one === 'HistoryUnreachableError')).toHaveLength(1);
  });

  it('is over when the index refuses the connection for good, with its reason', async () => {
    const { server, client } = await serve();
    const { until } = follow(client);
    await until(1);
    server.cut(4400, 'Malformed frame');
    const told = await until(3);
    expect(told[1]).toBe('HistoryUnreachableError');
    expect(told.at(-1)).toBeInstanceOf(HistoryRefusedError);
    expect(told.at(-1)).toMatchObject({ status: 4400, shortMessage: expect.stringContaining('Malformed frame') });
  });

  it('is over when the index refuses it, with its reason', async () => {
    const { server, client } = await serve();
    const { until } = follow(client);
    await until(1);
    server.refuse('Too many subscriptions.');
    const told = await until(2);
    expect(told.at(-1)).toBeInstanceOf(HistoryRefusedError);
    expect(told.at(-1)).toMatchObject({ shortMessage: expect.stringContaining('Too many subscriptions') });
  });

  it('is over when its answer is malformed, and others go on', async () => {
    const { server, client } = await serve();
    const { until, told } = follow(client);
    await until(1);
    server.set('none');
    expect((await until(2)).at(-1)).toBeInstanceOf(HistoryMalformedError);
    server.set('3');
    expect(await follow(client).until(1)).toEqual([3n]);
    expect(told).toHaveLength(2);
  });

  it('that was ended tells nothing more', async () => {
    const { server, client } = await serve();
    const [ended, other] = [follow(client), follow(client)];
    await Promise.all([ended.until(1), other.until(1)]);
    ended.end();
    server.set('2');
    await other.until(2);
    expect(ended.told).toEqual([1n]);
  });

  it('of an index that stopped answering is tried again on a new connection', async () => {
    const { server } = await serve();
    const { until } = follow(clientOf(server.url, 40));
    await until(1);
    server.freeze();
    expect((await until(3)).slice(0, 3)).toEqual([1n, 'HistoryUnreachableError', 'back']);
  });
});
