import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  decodeBytes,
  decodeCancellation,
  decodeOrders,
  encodeKept,
  type KeptOrder,
  ORDER_SERVICE_VERSION,
  OrderServiceMalformedError,
  TidemarkError,
} from '@tidemark/sdk';
import { type Hex, isAddress } from 'viem';
import {
  failure,
  OrderServicePortError,
  PlacementRefusedError,
  type RequestRefusedError,
  rateLimited,
  refusalOf,
} from './errors.ts';
import type { OrderService } from './orderService.ts';
import { clientOf, type RateLimit } from './rateLimit.ts';
import { type StreamLimits, Streams } from './streams.ts';

export interface RouteOptions {
  readonly service: OrderService;
  /** What an address may ask: an order costs one token, and so does any other request. */
  readonly limit: RateLimit;
  readonly streams?: StreamLimits;
  /** Whether `X-Forwarded-For` is written by a proxy of ours. */
  readonly trustProxy?: boolean;
  /** Milliseconds since a new block was learned from. */
  readonly silence: () => number;
  /** Told what fails, in one line. */
  readonly warn: (line: string) => void;
}

export interface ServerOptions extends RouteOptions {
  /** Default 127.0.0.1, this machine alone. */
  readonly host?: string;
  /** Zero takes any free port. */
  readonly port: number;
}

/** Bytes of 32 orders whose signatures are as long as they may be. */
export const MAX_BODY = 300_000;
/** Milliseconds within which a request has to be here. */
const REQUEST_TIMEOUT = 30_000;
const MAX_CONNECTIONS = 1_000;
/** Milliseconds that requests have to be answered when it ends. */
const GRACE = 5_000;
/** Milliseconds without a new block after which the service is not healthy. */
const MAX_SILENCE = 60_000;

export interface RunningServer {
  readonly port: number;
  close(): Promise<void>;
}

/** The paths of an order service, for any HTTP server. */
export interface OrderRoutes {
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** Ends all streams. */
  close(): void;
}

/** Answers at `/orders…` and at `/health`. */
export function orderRoutes(options: RouteOptions): OrderRoutes {
  const streams = new Streams(options.service, options.streams);
  const handler = new Handler(options, streams);
  return {
    handle: (request, response) => {
      handler.answer(request, response).catch((error) => {
        const refusal = refusalOf(error);
        if (refusal.status >= 500) options.warn(error instanceof TidemarkError ? error.line : String(error));
        if (response.headersSent) response.destroy();
        else refuse(response, refusal);
      });
    },
    close: () => streams.close(),
  };
}

/**
 * Serves an order service by HTTP.
 * @throws {OrderServicePortError} When the port is taken.
 */
export async function startServer({ host = '127.0.0.1', port, ...options }: ServerOptions): Promise<RunningServer> {
  const routes = orderRoutes(options);
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT, maxHeaderSize: 8_192 }, routes.handle);
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      routes.close();
      reject(new OrderServicePortError(host, port, cause));
    });
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : port,
    // What is just being answered is answered still.
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        routes.close();
        server.closeIdleConnections();
        // Whoever does not take its answer is not waited for.
        setTimeout(() => server.closeAllConnections(), GRACE).unref();
      }),
  };
}

class Handler {
  readonly #options: RouteOptions;
  readonly #streams: Streams;

  constructor(options: RouteOptions, streams: Streams) {
    [this.#options, this.#streams] = [options, streams];
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('access-control-expose-headers', 'retry-after');
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('cache-control', 'no-store');
    const url = URL.canParse(request.url ?? '', 'http://localhost')
      ? new URL(request.url ?? '', 'http://localhost')
      : null;
    const path = url?.pathname ?? '';
    const id = /^\/orders\/(0x[0-9a-f]{64})$/.exec(path)?.[1] as Hex | undefined;
    const methods = id ? ['GET'] : METHODS[path];
    if (!url || !methods)
      throw failure(404, 'NotFound', 'There is nothing at this path.', 'See docs/order-service.md.');
    if (request.method === 'OPTIONS') {
      response.writeHead(204, {
        'access-control-allow-methods': methods.join(', '),
        'access-control-allow-headers': 'content-type, last-event-id',
        'access-control-max-age': '86400',
      });
      response.end();
      return;
    }
    if (!methods.includes(request.method ?? '')) {
      response.setHeader('allow', methods.join(', '));
      throw failure(405, 'MethodNotAllowed', `${path} takes ${methods.join(' or ')} only.`, 'Use that.');
    }
    if (path === '/health') return this.#health(response);
    const forwarded = this.#options.trustProxy ? request.headers['x-forwarded-for'] : undefined;
    const client = clientOf(request.socket.remoteAddress, Array.isArray(forwarded) ? forwarded.at(-1) : forwarded);
    this.#charge(response, client, 1);
    const { service } = this.#options;
    if (path === '/orders/stream') return this.#stream(request, response, client);
    if (path === '/orders/cancel') {
      send(response, 200, kept(await service.cancel(decodeCancellation(await bodyOf(request)))));
    } else if (request.method === 'POST') {
      const orders = decodeOrders(await bodyOf(request));
      this.#charge(response, client, orders.length - 1);
      send(response, 200, kept(await service.place(orders)));
    } else if (id) {
      const order = await service.find(id);
      if (!order) throw failure(404, 'OrderUnknown', `The order ${id} is not known here.`, 'Check its id.');
      send(response, 200, { order: encodeKept(order) });
    } else {
      const { orders, next } = service.list(filterOf(url.searchParams));
      send(response, 200, { ...kept(orders), next });
    }
  }

  #charge(response: ServerResponse, client: string, tokens: number): void {
    const wait = this.#options.limit.take(client, tokens);
    if (wait === 0) return;
    response.setHeader('retry-after', `${wait}`);
    throw rateLimited(wait);
  }

  async #stream(request: IncomingMessage, response: ServerResponse, client: string): Promise<void> {
    if (!this.#streams.hasRoom(client)) {
      response.setHeader('retry-after', '60');
      throw failure(429, 'TooManyStreams', 'No more streams are served to this address.', 'End another first.', true);
    }
    const last = request.headers['last-event-id'];
    await this.#streams.serve(response, client, typeof last === 'string' ? last : '');
  }

  #health(response: ServerResponse): void {
    const { service, silence } = this.#options;
    const age = Math.floor(silence() / 1000);
    const healthy = silence() <= MAX_SILENCE;
    send(response, healthy ? 200 : 503, {
      healthy,
      block: `${service.block}`,
      secondsSinceBlock: age,
      streams: this.#streams.size,
    });
  }
}

const METHODS: Readonly<Record<string, readonly string[]>> = {
  '/orders': ['GET', 'POST'],
  '/orders/stream': ['GET'],
  '/orders/cancel': ['POST'],
  '/health': ['GET'],
};

const kept = (orders: readonly KeptOrder[]) => ({ orders: orders.map(encodeKept) });

function refuse(response: ServerResponse, error: RequestRefusedError): void {
  const { actual, limit, ...told } = error.refusal;
  const place = error instanceof PlacementRefusedError ? { place: error.place } : {};
  const amounts = {
    ...(actual !== undefined && { actual: `${actual}` }),
    ...(limit !== undefined && { limit: `${limit}` }),
  };
  // Who sends too much shall hear why, and then send no more.
  if (error.status === 413) response.setHeader('connection', 'close');
  send(response, error.status, { error: { ...told, ...place, ...amounts } });
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ version: ORDER_SERVICE_VERSION, ...body }));
}

/** @throws {RequestRefusedError} {@link OrderServiceMalformedError} */
async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const tooLarge = () => {
    request.resume();
    return failure(413, 'BodyTooLarge', `A body may have ${MAX_BODY} bytes.`, 'Send fewer orders at once.');
  };
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY) throw tooLarge();
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY) throw tooLarge();
    chunks.push(chunk);
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)));
  } catch (cause) {
    throw new OrderServiceMalformedError('The body is not JSON.', cause);
  }
}

/** @throws {OrderServiceMalformedError} */
function filterOf(query: URLSearchParams) {
  for (const name of query.keys())
    if (!['account', 'owner', 'market', 'after'].includes(name))
      throw new OrderServiceMalformedError('Orders are listed by account, owner, market and after only.');
  const [account, owner, market, after] = ['account', 'owner', 'market', 'after'].map((name) => query.get(name));
  if (owner && !isAddress(owner, { strict: false })) throw new OrderServiceMalformedError('The owner is no address.');
  if (market && !/^\d{1,3}$/.test(market)) throw new OrderServiceMalformedError('The market is no number.');
  return {
    ...(account && { account: decodeBytes(account, 'account', 32) }),
    ...(owner && { owner: owner.toLowerCase() as Hex }),
    ...(market && { market: BigInt(market) }),
    ...(after && { after: decodeBytes(after, 'id', 32) }),
  };
}
