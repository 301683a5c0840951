import { createServer, type Server } from 'node:http';
import {
  accountId,
  derivativesEngineAbi,
  encodeEvent,
  encodeSnapshot,
  type KeptOrder,
  limitOrder,
  type OrderRefusalName,
  type OrderServiceOptions,
  orderIdOf,
  Refusal,
  type SignedOrder,
  signOrder,
} from '@tidemark/sdk';
import {
  createClient,
  encodeErrorResult,
  encodeFunctionResult,
  getAbiItem,
  type Hex,
  http,
  numberToHex,
  toFunctionSelector,
} from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { OrderBook, type OrderBookEvent } from './orderBook.ts';

// The book before services that can do as they like, on a chain that does nothing; devnet/test/orderService.test.ts has a
// chain that does.

vi.setConfig({ testTimeout: 30_000 });

const engine = `0x${'22'.repeat(20)}` as const;
const chainId = 901;
const owner = privateKeyToAccount(`0x${'11'.repeat(32)}`);
const stranger = privateKeyToAccount(`0x${'12'.repeat(32)}`);
const account = accountId(owner.address);
const client = createClient({ account: owner, transport: http('http://127.0.0.1:1') });
const selectorOf = (name: 'commitSigned' | 'getNonces') =>
  toFunctionSelector(getAbiItem({ abi: derivativesEngineAbi, name }));

const sign = (nonce: bigint, from = owner): Promise<SignedOrder> => {
  const order = { ...limitOrder({ account, sizeDelta: 10n ** 12n, price: 10n ** 18n }), nonce };
  return signOrder(client, { engine, chainId, from, market: 1n, order });
};
const kept = (signed: SignedOrder): KeptOrder => ({ id: orderIdOf(signed), status: 'waiting', ...signed });

let rpc: Server;
let url: string;
let head: bigint;
/** How often the engine was asked to judge a signature, and which refusal it gives. */
let judged: number;
let verdict: OrderRefusalName;
const hashOf = (number: bigint) => numberToHex(number + 1_000n, { size: 32 });

interface Call {
  id: number;
  method: string;
  params?: [what: Hex | 'latest' | { data: Hex }];
}

/** What the chain answers: empty blocks of 2 s, unused nonces, and its verdict on signatures. */
function answer({ id, method, params: [what] = ['latest'] }: Call) {
  const result = (value: unknown) => ({ jsonrpc: '2.0', id, result: value });
  if (method === 'eth_chainId') return result(numberToHex(chainId));
  if (method === 'eth_getLogs') return result([]);
  if (method === 'eth_getBlockByNumber') {
    const number = what === 'latest' ? head : BigInt(what as Hex);
    const block = { number: numberToHex(number), hash: hashOf(number), parentHash: hashOf(number - 1n) };
    return result({ ...block, timestamp: numberToHex(number * 2n), transactions: [] });
  }
  const { data } = what as { data: Hex };
  if (data.startsWith(selectorOf('getNonces')))
    return result(encodeFunctionResult({ abi: derivativesEngineAbi, functionName: 'getNonces', result: 0n }));
  judged++;
  const args = [Refusal[verdict], 1n, 2n] as const;
  const revert = encodeErrorResult({ abi: derivativesEngineAbi, errorName: 'OrderRefused', args });
  return { jsonrpc: '2.0', id, error: { code: 3, message: 'execution reverted', data: revert } };
}

/** An order service whose stream the test writes. */
function makeService(name: string) {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  let asked = () => {};
  const connected = () => new Promise<void>((resolve) => (asked = resolve));
  const service: OrderServiceOptions = {
    url: `http://${name}.test`,
    retries: [1, 5],
    fetch: async (_, init) => {
      const body = new ReadableStream<Uint8Array>({
        start(own) {
          controller = own;
        },
      });
      init?.signal?.addEventListener('abort', () => {
        try {
          controller?.error(new Error('aborted'));
        } catch {}
      });
      asked();
      return new Response(body);
    },
  };
  const write = (text: string) => controller?.enqueue(new TextEncoder().encode(text));
  return {
    service,
    connected,
    snapshot: (orders: readonly SignedOrder[]) => {
      for (const part of encodeSnapshot(orders.map(kept), 'e-0')) write(part);
    },
    placed: (order: SignedOrder) => write(encodeEvent({ event: 'placed', order: kept(order) }, 'e-1')),
    gone: (order: SignedOrder) =>
      write(encodeEvent({ event: 'gone', id: orderIdOf(order), reason: 'cancelled' }, 'e-2')),
    garbage: () => write('event: placed\ndata: {}\n\n'),
    lose: () => controller?.error(new Error('lost')),
  };
}

beforeAll(async () => {
  rpc = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const calls = JSON.parse(body);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(Array.isArray(calls) ? calls.map(answer) : answer(calls)));
  });
  await new Promise<void>((resolve) => rpc.listen(0, '127.0.0.1', resolve));
  const address = rpc.address();
  url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
});
afterAll(() => {
  rpc.close();
  rpc.closeAllConnections();
});

let book: OrderBook | undefined;
let events: OrderBookEvent[];
beforeEach(() => {
  [head, judged, verdict, events] = [10n, 0, 'SignatureInvalid', []];
});
afterEach(() => book?.close());

async function open(services: readonly OrderServiceOptions[], maxOrders?: number): Promise<OrderBook> {
  const onEvent = (event: OrderBookEvent) => events.push(event);
  book = await OrderBook.open({
    client: createClient({ transport: http(url, { retryCount: 0 }), cacheTime: 0 }),
    engine,
    services,
    pollMs: 1,
    onEvent,
    ...(maxOrders && { maxOrders }),
  });
  return book;
}

/** Waits until the book shows orders, in any order. */
const shows = (...orders: SignedOrder[]) =>
  expect
    .poll(() => book?.list().map(orderIdOf).sort(), { interval: 1, timeout: 10_000 })
    .toEqual(orders.map(orderIdOf).sort());

/** Blocks that the book has seen. */
async function pass(blocks: bigint): Promise<void> {
  head += blocks;
  await book?.reached(head);
}

it('shows what a service tells, without asking the chain of what an owner signed', async () => {
  const { service, snapshot, placed, gone } = makeService('one');
  await open([service]);
  const [a, b] = [await sign(1n), await sign(2n)];
  snapshot([a]);
  await shows(a);
  expect(book?.list()).toEqual([a]);
  placed(b);
  await shows(a, b);
  gone(a);
  await shows(b);
  expect(judged).toBe(0);
});

it('counts an order of two services once, and keeps it while one of them does', async () => {
  const [one, two] = [makeService('one'), makeService('two')];
  await open([one.service, two.service]);
  const [a, b] = [await sign(1n), await sign(2n)];
  one.snapshot([a]);
  two.snapshot([a, b]);
  await shows(a, b);
  two.gone(a);
  two.gone(b);
  await shows(a);
  one.gone(a);
  await shows();
});

it('shows no order that nobody signed who may, whatever a service says', async () => {
  const { service, snapshot } = makeService('hostile');
  await open([service]);
  const [good, other] = [await sign(1n), await sign(2n, stranger)];
  const altered = { ...good, order: { ...good.order, terms: good.order.terms + 1n } };
  snapshot([other, altered, { ...other, signature: '0x' }, good]);
  await shows(good);
  expect(judged).toBe(3);
});

it('shows what somebody else signed when the engine takes the signature', async () => {
  verdict = 'TriggerNotMet';
  const { service, snapshot } = makeService('one');
  await open([service]);
  const delegated = await sign(1n, stranger);
  snapshot([delegated]);
  await shows(delegated);
});

it('takes only so many orders of a service', async () => {
  const [one, two] = [makeService('one'), makeService('two')];
  await open([one.service, two.service], 2);
  const [a, b, c, d] = await Promise.all([1n, 2n, 3n, 4n].map((nonce) => sign(nonce)));
  one.snapshot([a, b, c] as SignedOrder[]);
  await shows(a as SignedOrder, b as SignedOrder);
  two.snapshot([d as SignedOrder]);
  await shows(a as SignedOrder, b as SignedOrder, d as SignedOrder);
});

it('keeps what a lost service told, tells so once, and takes its word when it is back', async () => {
  const { service, snapshot, lose, garbage, connected } = makeService('one');
  await open([service]);
  const [a, b] = [await sign(1n), await sign(2n)];
  snapshot([a]);
  await shows(a);
  for (const breaking of [lose, garbage]) {
    const again = connected();
    breaking();
    await again;
    expect(book?.list()).toEqual([a]);
  }
  expect(events).toMatchObject([{ event: 'orders-lost', source: 'http://one.test' }]);
  snapshot([b]);
  await shows(b);
  expect(events.map(({ event }) => event)).toEqual(['orders-lost', 'orders-back']);
});

it.each([
  'SignatureInvalid',
  'ZeroSize',
  'TermsInvalid',
  'DeadlinePassed',
  'NonceUsed',
  'BuilderNotApproved',
  'PositionEnded',
  'AccountOfEarnings',
] as const)('drops an order for good that was refused by %s', async (reason) => {
  const { service, snapshot, placed } = makeService('one');
  await open([service]);
  const [a, b] = [await sign(1n), await sign(2n)];
  snapshot([a]);
  await shows(a);
  book?.refused(a, reason);
  placed(a);
  placed(b);
  await shows(b);
  await pass(100n);
  expect(book?.list()).toEqual([b]);
});

it.each(['MarginTooLow', 'DelegateLimit', 'DelegateNotPermitted'] as const)(
  'shows an order that was refused by %s ever more rarely',
  async (reason) => {
    const { service, snapshot } = makeService('one');
    await open([service]);
    const a = await sign(1n);
    snapshot([a]);
    await shows(a);
    for (const blocks of [2n, 4n, 8n, 16n, 32n, 32n]) {
      book?.refused(a, reason);
      await pass(blocks - 1n);
      expect(book?.list()).toEqual([]);
      await pass(1n);
      expect(book?.list()).toEqual([a]);
    }
  },
);

it.each(['TriggerNotMet', 'OrdersPending', 'OrdersElsewhere', 'IndexStale'] as const)(
  'goes on showing an order that was refused by %s',
  async (reason) => {
    const { service, snapshot } = makeService('one');
    await open([service]);
    const a = await sign(1n);
    snapshot([a]);
    await shows(a);
    book?.refused(a, reason);
    expect(book?.list()).toEqual([a]);
  },
);
