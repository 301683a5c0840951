import type { Account, Address, Hex } from 'viem';
import { signTypedData } from 'viem/actions';
import type { AnyClient } from '../actions/engine.ts';
import { onChain, TidemarkError } from '../errors/index.ts';
import {
  OrderServiceMalformedError,
  type OrderServiceRefusal,
  OrderServiceRefusedError,
  OrderServiceUnreachableError,
} from './orderServiceErrors.ts';
import { decodeEvents, type StreamChunk } from './orderServiceStream.ts';
import {
  type Cancellation,
  cancelTypedData,
  decodeKept,
  encodeCancellation,
  encodeOrder,
  type KeptOrder,
  ORDER_SERVICE_VERSION,
  type OrderServiceEvent,
  versioned,
} from './orderServiceWire.ts';
import type { SignedOrder } from './signedOrders.ts';
import type { SigningDomain } from './typedData.ts';

export interface OrderServiceOptions {
  url: string;
  fetch?: typeof fetch;
  /** Milliseconds until an answer has to be here. */
  timeout?: number;
  /** Milliseconds without a word, heartbeats included, after which a stream counts as broken. */
  silence?: number;
  /** Milliseconds between two tries to connect a stream: the first, doubled up to the last. */
  retries?: readonly [first: number, last: number];
}

export interface OrderFilter {
  account?: Hex;
  owner?: Address;
  market?: bigint;
}

export interface StreamOptions {
  /** Ends the stream. */
  signal: AbortSignal;
  /** Told once each time the stream is lost, and that it is back. */
  onLost?: (why: TidemarkError) => void;
  onBack?: () => void;
}

/** More orders than any service holds. */
const MAX_SNAPSHOT = 1_000_000;

/** An order service: keeps signed orders until keepers commit them. */
export class OrderServiceClient {
  readonly url: string;
  /** What errors call it: of the address only the host, since a path may hold a key. */
  readonly name: string;
  readonly #fetch: typeof fetch;
  readonly #timeout: number;
  readonly #silence: number;
  readonly #retries: readonly [number, number];

  constructor({ url, fetch: fetcher = fetch, timeout = 10_000, silence = 45_000, ...rest }: OrderServiceOptions) {
    this.url = url.replace(/\/+$/, '');
    this.name = new URL(url).origin;
    // A browser's fetch refuses to be called as a method.
    this.#fetch = (input, init) => fetcher(input, init);
    [this.#timeout, this.#silence] = [timeout, silence];
    this.#retries = rest.retries ?? [250, 8_000];
  }

  /**
   * Gives orders to the service, 1 to 32: all are taken, or none. One that it already keeps is no error.
   * @throws {OrderServiceRefusedError} With the service's code, see docs/order-service.md#errors.
   * @throws {OrderServiceUnreachableError} {@link OrderServiceMalformedError}
   */
  async place(orders: readonly SignedOrder[]): Promise<KeptOrder[]> {
    const body = { version: ORDER_SERVICE_VERSION, orders: orders.map(encodeOrder) };
    return this.#kept(await this.#ask('/orders', body));
  }

  /** The orders that wait or are committed. @throws As {@link place}. */
  async list({ account, owner, market }: OrderFilter = {}): Promise<KeptOrder[]> {
    const found: KeptOrder[] = [];
    const filter = {
      ...(account && { account }),
      ...(owner && { owner }),
      ...(market !== undefined && { market: `${market}` }),
    };
    let after: string | undefined;
    do {
      const query = new URLSearchParams({ ...filter, ...(after && { after }) });
      const page = await this.#ask(`/orders?${query}`);
      found.push(...this.#kept(page));
      after = typeof page.next === 'string' ? page.next : undefined;
      if (found.length > MAX_SNAPSHOT) throw new OrderServiceMalformedError('The service lists orders without end.');
    } while (after);
    return found;
  }

  /** One order, also when it is gone. @throws As {@link place}. */
  async get(id: Hex): Promise<KeptOrder> {
    const { order } = await this.#ask(`/orders/${id}`);
    return decodeKept(order);
  }

  /**
   * Has orders forgotten; `signCancellation` makes what is needed. Who has seen them can still commit them: only
   * `cancelNonces` binds everybody.
   * @throws As {@link place}.
   */
  async cancel(cancellation: Cancellation & { signature: Hex }): Promise<KeptOrder[]> {
    return this.#kept(await this.#ask('/orders/cancel', encodeCancellation(cancellation)));
  }

  /**
   * What the service keeps and what becomes of it: first a snapshot, then each change. A stream that is lost is connected
   * again and resumed, or begins with a new snapshot. Ends when its signal is aborted.
   */
  async *stream({ signal, onLost, onBack }: StreamOptions): AsyncGenerator<OrderServiceEvent> {
    let [lastId, isLost] = ['', false];
    let wait = this.#retries[0];
    while (!signal.aborted) {
      try {
        for await (const { id, event } of this.#connect(lastId, signal)) {
          if (isLost) onBack?.();
          [isLost, wait] = [false, this.#retries[0]];
          if (id) lastId = id;
          if (event) yield event;
        }
        throw new OrderServiceUnreachableError(this.name, undefined);
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof TidemarkError)) throw error;
        if (!isLost) onLost?.(error);
        isLost = true;
      }
      await pause(wait, signal);
      wait = Math.min(wait * 2, this.#retries[1]);
    }
  }

  async *#connect(lastId: string, signal: AbortSignal): AsyncGenerator<StreamChunk> {
    const silence = new AbortController();
    let timer = setTimeout(() => silence.abort(), this.#timeout);
    const heard = () => {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), this.#silence);
    };
    try {
      const response = await this.#fetch(`${this.url}/orders/stream`, {
        headers: { accept: 'text/event-stream', ...(lastId && { 'last-event-id': lastId }) },
        signal: AbortSignal.any([signal, silence.signal]),
      });
      if (!response.ok || !response.body) throw refusalOf(response.status, await response.text());
      yield* decodeEvents(response.body, heard);
    } catch (error) {
      throw error instanceof TidemarkError ? error : new OrderServiceUnreachableError(this.name, error);
    } finally {
      clearTimeout(timer);
      silence.abort();
    }
  }

  #kept({ orders }: Record<string, unknown>): KeptOrder[] {
    if (!Array.isArray(orders)) throw new OrderServiceMalformedError('The service answered without orders.');
    return orders.map(decodeKept);
  }

  async #ask(path: string, body?: unknown): Promise<Record<string, unknown>> {
    let response: Response;
    let text: string;
    try {
      response = await this.#fetch(`${this.url}${path}`, {
        ...(body !== undefined && {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }),
        signal: AbortSignal.timeout(this.#timeout),
      });
      text = await response.text();
    } catch (cause) {
      throw new OrderServiceUnreachableError(this.name, cause);
    }
    if (!response.ok) throw refusalOf(response.status, text);
    return versioned(parse(text));
  }
}

/**
 * Signs that an owner's orders shall be forgotten by order services, by the owner's key. A wallet that is a contract signs
 * {@link cancelTypedData} itself.
 * @throws {TidemarkError} When the wallet cannot be reached.
 */
export async function signCancellation(
  client: AnyClient,
  { from, ...parameters }: SigningDomain & Cancellation & { from?: Account | Address },
): Promise<Cancellation & { signature: Hex }> {
  const { owner, orders, expiry } = parameters;
  const account = from ?? client.account;
  const signature = await onChain(() => signTypedData(client, { ...cancelTypedData(parameters), account } as never));
  return { owner, orders, expiry, signature };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new OrderServiceMalformedError('The service answered something that is not JSON.', cause);
  }
}

/** What the service says of it; of another answer its status. */
function refusalOf(status: number, text: string): TidemarkError {
  try {
    const error = (JSON.parse(text) as { error: Record<string, unknown> }).error;
    const { code, what, next, retryable, place, actual, limit } = error;
    const told: OrderServiceRefusal = {
      code: String(code),
      what: String(what),
      next: String(next),
      retryable: retryable === true,
      ...(typeof place === 'number' && { place }),
      ...(typeof actual === 'string' && { actual: BigInt(actual) }),
      ...(typeof limit === 'string' && { limit: BigInt(limit) }),
    };
    return new OrderServiceRefusedError(status, told);
  } catch {
    const reason = text.replace(/\s+/g, ' ').trim().slice(0, 200);
    return new OrderServiceRefusedError(status, {
      code: 'Unknown',
      what: `The order service answered ${status}${reason ? `: ${reason}` : ''}.`,
      next: 'Check the address of the service.',
      retryable: status === 429 || status >= 500,
    });
  }
}

/** Resolves after some milliseconds, or at once when it is no longer waited for. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    function done() {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}
