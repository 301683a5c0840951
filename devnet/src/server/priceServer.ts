import { createServer, type ServerResponse } from 'node:http';
import type { Hex } from 'viem';
import { DevnetError } from '../errors.ts';
import { type PriceMessage, writeUpdate } from '../feeds/accumulatorWriter.ts';
import type { PriceSource } from '../prices/source.ts';

/** What the price service serves. */
export interface PriceServerOptions {
  /** Zero takes any free port. */
  readonly port: number;
  readonly source: PriceSource;
  /** Feed id by symbol. */
  readonly feeds: Readonly<Record<string, Hex>>;
  /** Chain time, seconds: nothing later is told. */
  readonly now: () => number;
}

/** A running price service. */
export interface PriceServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Real milliseconds between two looks at the clock by a stream. */
const STREAM_MS = 200;
const MAX_CANDLES = 5000;
/** Prices looked at for one candle. */
const SAMPLES = 60;

class BadRequest extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * Serves signed prices as Hermes does, and candles of the same prices. Each second has exactly one update, so that asking
 * for a time always gives the same bytes' content.
 * @throws {DevnetError} When the port is taken.
 */
export async function startPriceServer(options: PriceServerOptions): Promise<PriceServer> {
  const service = new PriceService(options);
  const streams = new Set<NodeJS.Timeout>();
  const server = createServer((request, response) => {
    response.setHeader('access-control-allow-origin', '*');
    const path = request.url ?? '/';
    if (!URL.canParse(path, 'http://localhost')) return refuse(response, new BadRequest(400, `${path} is no path.`));
    const url = new URL(path, 'http://localhost');
    if (url.pathname.endsWith('/stream')) {
      stream(service, url, response, streams);
      return;
    }
    service.answer(url).then(
      (body) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify(body));
      },
      (error: Error) => refuse(response, error),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', () =>
      reject(new DevnetError(`Port ${options.port} is in use.`, 'Choose another with --prices-port.')),
    );
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : options.port,
    close: () =>
      new Promise((resolve) => {
        for (const timer of streams) clearInterval(timer);
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function refuse(response: ServerResponse, error: Error): void {
  const status = error instanceof BadRequest ? error.status : 500;
  response.writeHead(status, { 'content-type': 'text/plain' });
  response.end(`${error.message}\n`);
}

/** @throws {BadRequest} When the address names something else than whole seconds. */
function seconds(url: URL, name: string, preset: number, least = 0): number {
  const value = Number(url.searchParams.get(name) ?? preset);
  if (Number.isInteger(value) && value >= least) return value;
  throw new BadRequest(400, `${name} has to be a whole number of seconds, at least ${least}.`);
}

function stream(service: PriceService, url: URL, response: ServerResponse, streams: Set<NodeJS.Timeout>): void {
  let next: () => Promise<unknown | undefined>;
  try {
    next = service.stream(url);
  } catch (error) {
    refuse(response, error as Error);
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.flushHeaders();
  let busy = false;
  const tell = async () => {
    if (busy) return;
    busy = true;
    const event = await next();
    if (event !== undefined) response.write(`data: ${JSON.stringify(event)}\n\n`);
    busy = false;
  };
  void tell();
  const timer = setInterval(() => void tell(), STREAM_MS);
  streams.add(timer);
  response.on('close', () => {
    clearInterval(timer);
    streams.delete(timer);
  });
}

class PriceService {
  readonly #options: PriceServerOptions;
  readonly #symbols: ReadonlyMap<string, string>;

  constructor(options: PriceServerOptions) {
    this.#options = options;
    this.#symbols = new Map(Object.entries(options.feeds).map(([symbol, id]) => [id.toLowerCase(), symbol]));
  }

  async answer(url: URL): Promise<unknown> {
    const { pathname } = url;
    if (pathname === '/v2/updates/price/latest') return this.#update(url, this.#options.now());
    if (pathname === '/v2/price_feeds') {
      return Object.entries(this.#options.feeds).map(([symbol, id]) => ({
        id: id.slice(2),
        attributes: { asset_type: 'Crypto', base: symbol, quote_currency: 'USD', symbol: `Crypto.${symbol}/USD` },
      }));
    }
    if (pathname === '/candles') return this.#candles(url);
    const at = /^\/v2\/updates\/price\/(\d+)$/.exec(pathname);
    if (at) {
      const time = Number(at[1]);
      if (time > this.#options.now())
        throw new BadRequest(404, `No price at ${time} yet: now is ${this.#options.now()}.`);
      return this.#update(url, time);
    }
    throw new BadRequest(404, `Nothing is served at ${pathname}.`);
  }

  /** @returns Called again and again; gives what is new, or nothing. */
  stream(url: URL): () => Promise<unknown | undefined> {
    let last = 0;
    const { now } = this.#options;
    if (url.pathname === '/v2/updates/price/stream') {
      this.#ids(url);
      return async () => {
        if (now() === last) return undefined;
        last = now();
        return this.#update(url, last).catch(() => undefined);
      };
    }
    if (url.pathname === '/candles/stream') {
      const symbol = this.#symbol(url);
      const interval = seconds(url, 'interval', 60, 1);
      return async () => {
        if (now() === last) return undefined;
        last = now();
        return this.#candle(symbol, Math.floor(last / interval) * interval, interval);
      };
    }
    throw new BadRequest(404, `Nothing is streamed at ${url.pathname}.`);
  }

  #ids(url: URL): Hex[] {
    const encoding = url.searchParams.get('encoding') ?? 'hex';
    if (encoding !== 'hex') throw new BadRequest(400, `Updates are served as hex, not as ${encoding}.`);
    const asked = url.searchParams.getAll('ids[]').map((id) => id.replace(/^0x/, '').toLowerCase());
    if (asked.length === 0) throw new BadRequest(400, 'Say which feeds: ids[]=0x…');
    const bad = asked.find((id) => !/^[0-9a-f]{64}$/.test(id));
    if (bad !== undefined) throw new BadRequest(400, `${bad} is no feed id: 32 bytes, hexadecimal.`);
    const ids = [...new Set(asked)].map((id): Hex => `0x${id}`);
    const unknown = ids.find((id) => !this.#symbols.has(id));
    if (unknown) throw new BadRequest(404, `No feed ${unknown} here.`);
    return ids;
  }

  async #update(url: URL, time: number): Promise<unknown> {
    const messages: PriceMessage[] = this.#ids(url).map((id) => {
      const symbol = this.#symbols.get(id) ?? '';
      const quote = this.#options.source.quoteAt(symbol, time);
      if (!quote) throw new BadRequest(404, `No price of ${symbol} at ${time}.`);
      const { price, confidence } = quote;
      return { id, price, confidence, expo: -8, publishTime: time, prevPublishTime: time - 1 };
    });
    const data = await writeUpdate(messages);
    return {
      binary: { encoding: 'hex', data: [data.slice(2)] },
      parsed: messages.map(({ id, price, confidence, expo, publishTime, prevPublishTime }) => {
        const told = { price: `${price}`, conf: `${confidence}`, expo, publish_time: publishTime };
        const metadata = { slot: publishTime, proof_available_time: publishTime, prev_publish_time: prevPublishTime };
        return { id: id.slice(2), price: told, ema_price: told, metadata };
      }),
    };
  }

  #symbol(url: URL): string {
    const symbol = url.searchParams.get('symbol') ?? '';
    if (!(symbol in this.#options.feeds)) throw new BadRequest(404, `No market ${symbol || '(none named)'} here.`);
    return symbol;
  }

  async #candles(url: URL): Promise<unknown> {
    const symbol = this.#symbol(url);
    const interval = seconds(url, 'interval', 60, 1);
    const now = this.#options.now();
    const to = Math.min(seconds(url, 'to', now), now);
    const from = Math.max(seconds(url, 'from', Math.max(0, to - 300 * interval)), to - MAX_CANDLES * interval);
    const candles: unknown[] = [];
    for (let time = Math.floor(from / interval) * interval; time <= to; time += interval) {
      const candle = this.#candle(symbol, time, interval);
      if (candle) candles.push(candle);
    }
    return candles;
  }

  /** [time, open, high, low, close, volume]; prices have no volume. */
  #candle(symbol: string, time: number, interval: number): number[] | undefined {
    const end = Math.min(time + interval - 1, this.#options.now());
    const step = Math.max(1, Math.floor(interval / SAMPLES));
    const prices: number[] = [];
    for (let at = time; at < end; at += step) this.#push(prices, symbol, at);
    this.#push(prices, symbol, end);
    const [open] = prices;
    if (open === undefined) return undefined;
    return [time, open, Math.max(...prices), Math.min(...prices), prices.at(-1) ?? open, 0];
  }

  #push(prices: number[], symbol: string, time: number): void {
    const quote = this.#options.source.quoteAt(symbol, time);
    if (quote) prices.push(Number(quote.price) / 1e8);
  }
}
