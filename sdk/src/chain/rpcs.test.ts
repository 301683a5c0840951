import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createClient, keccak256, numberToHex, stringToHex } from 'viem';
import { getBlock } from 'viem/actions';
import { afterEach, describe, expect, it } from 'vitest';
import { RpcUnreachableError, toTidemarkError } from '../errors/index.ts';
import { RpcBehindError } from './rpcErrors.ts';
import { type RpcEvent, Rpcs } from './rpcs.ts';

/** The hash of a block of a fork that begins at a height; of the chain without forks when left out. */
const hashOf = (number: number, fork = Number.POSITIVE_INFINITY) =>
  keccak256(stringToHex(number >= fork ? `${number} of the fork at ${fork}` : `${number}`));

/** An RPC that knows the blocks of one chain. */
class Fake {
  head = 10;
  fork = Number.POSITIVE_INFINITY;
  chainId = 10;
  up = true;
  /** Whether it answers more than a client takes. */
  tooLong = false;
  asked = 0;
  readonly server: Server;

  constructor() {
    this.server = createServer(async (request, response) => {
      const body = await text(request);
      if (!this.up) return request.socket.destroy();
      this.asked++;
      const answers = (JSON.parse(body) as { id: number; method: string; params: string[] }[]).map(
        ({ id, method, params }) => ({ jsonrpc: '2.0', id, result: this.#answer(method, params) }),
      );
      response.setHeader('content-type', 'application/json');
      if (this.tooLong) return response.end(' '.repeat(11 * 2 ** 20));
      response.end(JSON.stringify(answers));
    });
  }

  #answer(method: string, [which]: string[] = []) {
    if (method === 'eth_chainId') return numberToHex(this.chainId);
    const number = which === 'latest' ? this.head : Number(which);
    if (number > this.head) return null;
    const [hash, parentHash] = [hashOf(number, this.fork), hashOf(number - 1, this.fork)];
    return { number: numberToHex(number), hash, parentHash, timestamp: '0x0', transactions: [] };
  }

  get url() {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }
}

const fakes: Fake[] = [];

afterEach(async () => {
  for (const { server } of fakes.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** Two RPCs, and how the newest block shows through both. */
async function setUp() {
  const [first, second] = [new Fake(), new Fake()];
  for (const fake of [first, second]) {
    fakes.push(fake);
    await new Promise<void>((resolve) => fake.server.listen(0, '127.0.0.1', resolve));
  }
  const events: RpcEvent[] = [];
  const caller = '0x00000000000000000000000000000000000000aa';
  const rpcs = new Rpcs({ urls: [first.url, second.url], caller, onEvent: (event) => events.push(event) });
  expect(await rpcs.open()).toBe(10);
  const client = createClient({ transport: rpcs.transport, cacheTime: 0 });
  const newest = async () => {
    const { number, hash } = await getBlock(client);
    return [Number(number), hash];
  };
  const failure = () =>
    newest().then(
      () => expect.fail('a block was told'),
      (error) => error.walk((one: unknown) => one instanceof RpcBehindError) ?? toTidemarkError(error),
    );
  return { first, second, rpcs, events, newest, failure };
}

describe('several RPCs', () => {
  it('are asked in their order, and each loss is told once', async () => {
    const { first, second, events, newest } = await setUp();
    first.up = false;
    for (let times = 0; times < 3; times++) expect(await newest()).toEqual([10, hashOf(10)]);
    expect(events).toMatchObject([{ event: 'rpc-lost', rpc: first.url }]);
    second.up = false;
    await expect(newest()).rejects.toThrow();
    first.up = true;
    expect(await newest()).toEqual([10, hashOf(10)]);
    expect(events.map(({ event }) => event)).toEqual(['rpc-lost', 'rpc-lost', 'rpc-back']);
  });

  it('do not lose one that answers more than can be taken: the call has to ask for less', async () => {
    const { first, second, events, newest } = await setUp();
    const before = second.asked;
    first.tooLong = true;
    await expect(newest()).rejects.toThrow();
    expect([events, second.asked]).toEqual([[], before]);
  });

  it('fail as one when none answers', async () => {
    const { first, second, failure } = await setUp();
    first.up = second.up = false;
    expect(await failure()).toBeInstanceOf(RpcUnreachableError);
  });

  it('never go back to a block that is known, and go on when the one behind has caught up', async () => {
    const { first, second, newest, failure } = await setUp();
    second.head = 8;
    expect(await newest()).toEqual([10, hashOf(10)]);
    first.up = false;
    // Of block 9 the parent's hash is known.
    second.head = 9;
    const error = await failure();
    expect(error).toBeInstanceOf(RpcBehindError);
    expect(error.line).not.toContain('\n');
    second.head = 10;
    expect(await newest()).toEqual([10, hashOf(10)]);
  });

  it('do not follow one to a fork while another holds the chain', async () => {
    const { first, second, events, newest } = await setUp();
    await newest();
    first.fork = 9;
    first.head = 11;
    expect(await newest()).toEqual([10, hashOf(10)]);
    expect(events).toMatchObject([{ event: 'rpc-lost', rpc: first.url }]);
    second.head = 11;
    expect(await newest()).toEqual([11, hashOf(11)]);
  });

  it('follow a reorganisation that all of them saw, also to a lower block', async () => {
    const { first, second, events, newest } = await setUp();
    await newest();
    first.fork = second.fork = 9;
    first.head = second.head = 9;
    expect(await newest()).toEqual([9, hashOf(9, 9)]);
    expect(events).toEqual([]);
  });

  it('are passed over for good as those of another chain', async () => {
    const { first, second, rpcs, events, newest } = await setUp();
    first.up = false;
    await newest();
    first.chainId = 11;
    first.up = true;
    second.up = false;
    await expect(newest()).rejects.toThrow();
    const asked = first.asked;
    await expect(newest()).rejects.toThrow();
    expect(first.asked).toBe(asked);
    second.up = true;
    expect(await newest()).toEqual([10, hashOf(10)]);
    await rpcs.idle();
    expect(events.filter((one) => one.event === 'rpc-back')).toMatchObject([{ rpc: second.url }]);
  });

  it('name a caller of every call', async () => {
    const calls: unknown[] = [];
    const { first, rpcs } = await setUp();
    first.server.removeAllListeners('request');
    first.server.on('request', async (request, response) => {
      const asked = JSON.parse(await text(request)) as { id: number; params: unknown[] }[];
      for (const { params } of asked) calls.push(params[0]);
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(asked.map(({ id }) => ({ jsonrpc: '2.0', id, result: '0x' }))));
    });
    const { request } = rpcs.transport({});
    await request({ method: 'eth_call', params: [{ data: '0x01' }, 'latest'] });
    await request({ method: 'eth_call', params: [{ from: '0x1', data: '0x01' }, 'latest'] });
    expect(calls).toEqual([
      { from: '0x00000000000000000000000000000000000000aa', data: '0x01' },
      { from: '0x1', data: '0x01' },
    ]);
  });
});
