import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Hex } from 'viem';
import { DevnetError, toLine } from '../errors.ts';
import { FaultRefusedError, type FaultRequest, Faults } from '../faults/faults.ts';
import type { Publication } from '../faults/table.ts';
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
  /** What is wrong with what it serves, and with what is fed to the chain beside it. */
  readonly faults: Faults;
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
 * for a time always gives the same bytes' content, unless a fault is set: faults are read and written at /faults. Candles
 * have none.
 * @throws {DevnetError} When the port is taken.
 */
export async function startPriceServer(options: PriceServerOptions): Promise<PriceServer> {
  const faults = new Faults(Object.keys(options.feeds), options.now);
  const service = new PriceService(options, faults);
  const streams = new Set<NodeJS.Timeout>();
  const answer = (response: ServerResponse, body: Promise<unknown>) =>
    body.then(
      (json) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify(json));
      },
      (error: Error) => refuse(response, error),
    );
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    const url = URL.canParse(path, 'http://localhost') ? new URL(path, 'http://localhost') : undefined;
    // Not for pages of other origins.
    if (url?.pathname === '/faults') return void answer(response, answerFaults(faults, request));
    response.setHeader('access-control-allow-origin', '*');
    if (!url) return refuse(response, new BadRequest(400, `${path} is no path.`));
    if (url.pathname.endsWith('/stream')) {
      stream(service, url, response, streams);
      return;
    }
    void answer(response, service.answer(url));
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
    faults,
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

/**
 * GET tells the faults that hold, PUT sets the one in the body, DELETE clears all.
 * @throws {BadRequest} When the method or the body is none of these.
 */
async function answerFaults(faults: Faults, request: IncomingMessage): Promise<unknown> {
  if (request.method === 'GET') return faults.list();
  if (request.method === 'DELETE') {
    faults.clear();
    return faults.list();
  }
  if (request.method !== 'PUT') throw new BadRequest(405, 'Faults are told by GET, set by PUT and cleared by DELETE.');
  const body = await text(request);
  let asked: unknown;
  try {
    asked = JSON.parse(body);
  } catch {
    throw new BadRequest(400, 'The fault is no JSON.');
  }
  try {
    return faults.set({ ...(asked as FaultRequest) });
  } catch (error) {
    if (error instanceof FaultRefusedError) throw new BadRequest(400, toLine(error));
    throw error;
  }
}

/** @throws {BadRequest} When the address names something else than true or false. */
function flag(url: URL, name: string, preset: boolean): boolean {
  const value = url.searchParams.get(name) ?? `${preset}`;
  if (value === 'true' || value === 'false') return value === 'true';
  throw new BadRequest(400, `${name} has to be true or false.`);
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

/** What an address asks for of updates. */
interface Asked {
  readonly ids: readonly Hex[];
  readonly encoding: 'hex' | 'base64';
  /** Whether the prices are told beside the bytes. */
  readonly parsed: boolean;
}

/** Kinds of feeds, as the real service knows them; all of ours are the first. */
const ASSET_TYPES = ['crypto', 'fx', 'equity', 'metal', 'rates', 'crypto_redemption_rate'];

class PriceService {
  readonly #options: PriceServerOptions;
  readonly #faults: Faults;
  readonly #symbols: ReadonlyMap<string, string>;

  constructor(options: PriceServerOptions, faults: Faults) {
    this.#options = options;
    this.#faults = faults;
    this.#symbols = new Map(Object.entries(options.feeds).map(([symbol, id]) => [id.toLowerCase(), symbol]));
  }

  async answer(url: URL): Promise<unknown> {
    const { pathname } = url;
    if (pathname === '/v2/updates/price/latest') return this.#update(this.#asked(url), this.#options.now());
    if (pathname === '/v2/price_feeds') return this.#feeds(url);
    if (pathname === '/candles') return this.#candles(url);
    const at = /^\/v2\/updates\/price\/(\d+)$/.exec(pathname);
    if (at) {
      const time = Number(at[1]);
      const asked = this.#asked(url);
      if (time > this.#options.now()) {
        throw new BadRequest(404, `Update data not found: no price at ${time} yet, now is ${this.#options.now()}.`);
      }
      return this.#update(asked, time);
    }
    throw new BadRequest(404, `Nothing is served at ${pathname}.`);
  }

  /** @returns Called again and again; gives what is new, or nothing. */
  stream(url: URL): () => Promise<unknown | undefined> {
    let last = 0;
    const { now } = this.#options;
    if (url.pathname === '/v2/updates/price/stream') {
      const asked = this.#asked(url);
      // Only what is published first of a time; also what was published before what was told already.
      const benchmarksOnly = flag(url, 'benchmarks_only', false);
      const allowUnordered = flag(url, 'allow_unordered', false);
      let told = 0;
      return async () => {
        if (now() === last) return undefined;
        last = now();
        const publications = this.#publications(asked.ids, last).filter(
          ({ prevPublishTime, publishTime }) => !benchmarksOnly || prevPublishTime !== publishTime,
        );
        if (publications.length === 0) return undefined;
        const slot = Math.max(...publications.map((one) => one.slot));
        if (slot < told && !allowUnordered) return undefined;
        told = Math.max(told, slot);
        return this.#tell(asked, last, publications);
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

  /** The feeds whose symbol contains what is asked for, in whatever case. */
  #feeds(url: URL): unknown {
    const query = (url.searchParams.get('query') ?? '').toLowerCase();
    const type = url.searchParams.get('asset_type') ?? 'crypto';
    if (!ASSET_TYPES.includes(type))
      throw new BadRequest(400, `asset_type has to be one of ${ASSET_TYPES.join(', ')}.`);
    const feeds = Object.entries(this.#options.feeds).map(([base, id]) => ({
      id: id.slice(2),
      attributes: { asset_type: 'Crypto', base, quote_currency: 'USD', symbol: `Crypto.${base}/USD` },
    }));
    return feeds.filter(({ attributes }) => type === 'crypto' && attributes.symbol.toLowerCase().includes(query));
  }

  #asked(url: URL): Asked {
    const encoding = url.searchParams.get('encoding') ?? 'hex';
    if (encoding !== 'hex' && encoding !== 'base64') {
      throw new BadRequest(400, `Updates are served as hex or base64, not as ${encoding}.`);
    }
    return {
      ids: this.#ids(url, flag(url, 'ignore_invalid_price_ids', false)),
      encoding,
      parsed: flag(url, 'parsed', true),
    };
  }

  /** @param ignore Whether feeds that are not here are left out instead of refused. */
  #ids(url: URL, ignore: boolean): Hex[] {
    const asked = url.searchParams.getAll('ids[]').map((id) => id.replace(/^0x/, '').toLowerCase());
    if (asked.length === 0) throw new BadRequest(400, 'Say which feeds: ids[]=0x…');
    const bad = asked.find((id) => !/^[0-9a-f]{64}$/.test(id));
    if (bad !== undefined) throw new BadRequest(400, `${bad} is no feed id: 32 bytes, hexadecimal.`);
    const ids = [...new Set(asked)].map((id): Hex => `0x${id}`);
    const unknown = ids.filter((id) => !this.#symbols.has(id));
    if (unknown.length > 0 && !ignore) throw new BadRequest(404, `Price ids not found: ${unknown.join(', ')}`);
    return ids.filter((id) => this.#symbols.has(id));
  }

  async #update(asked: Asked, time: number): Promise<unknown> {
    for (const id of asked.ids) {
      if (this.#publicationsOf(id, time).length > 0) continue;
      throw new BadRequest(404, `Update data not found: no price of ${this.#symbols.get(id)} at ${time}.`);
    }
    return this.#tell(asked, time, this.#publications(asked.ids, time));
  }

  /** What is published of a feed at a second, faults included; nothing where there is no price. */
  #publicationsOf(id: Hex, time: number): readonly Publication[] {
    const symbol = this.#symbols.get(id) ?? '';
    return this.#faults.messages(symbol, time, (at) => {
      const quote = this.#options.source.quoteAt(symbol, at);
      if (!quote) return undefined;
      const { price, confidence } = quote;
      return { id, price, confidence, expo: -8, publishTime: at, prevPublishTime: at - 1, slot: at };
    });
  }

  /** All that is published of the feeds at a second; nothing unless each has a price. */
  #publications(ids: readonly Hex[], time: number): readonly Publication[] {
    const all = ids.map((id) => this.#publicationsOf(id, time));
    return all.some((ones) => ones.length === 0) ? [] : all.flat();
  }

  async #tell({ encoding, parsed }: Asked, time: number, publications: readonly Publication[]): Promise<unknown> {
    const symbols = publications.map(({ id }) => this.#symbols.get(id) ?? '');
    const updates = publications.length === 0 ? [] : [await this.#faults.update(symbols, time, publications)];
    const data = updates.map((update) => Buffer.from(update.slice(2), 'hex').toString(encoding));
    if (!parsed) return { binary: { encoding, data } };
    return {
      binary: { encoding, data },
      parsed: publications.map(({ id, price, confidence, expo, publishTime, prevPublishTime, slot }) => {
        const told = { price: `${price}`, conf: `${confidence}`, expo, publish_time: publishTime };
        const metadata = { slot, proof_available_time: slot, prev_publish_time: prevPublishTime };
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
