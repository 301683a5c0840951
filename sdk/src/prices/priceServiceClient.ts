import type { Hex } from 'viem';
import {
  PriceNotPublishedError,
  PriceServiceMalformedError,
  PriceServiceRefusedError,
  PriceServiceUnreachableError,
} from './priceServiceErrors.ts';

/** One feed's price as published, beside the signed bytes that prove it. */
export interface PublishedPrice {
  id: Hex;
  /** USD per base unit, 18 decimals. */
  price: bigint;
  /** 18 decimals. */
  confidence: bigint;
  /** Seconds. */
  publishTime: bigint;
  /** Seconds; when the feed was published before, if the service says so. */
  prevPublishTime: bigint | null;
}

/** Signed prices of one moment. */
export interface PriceUpdate {
  /** What the chain verifies. */
  update: readonly Hex[];
  prices: readonly PublishedPrice[];
}

export interface PriceServiceOptions {
  url: string;
  fetch?: typeof fetch;
  /** Milliseconds. */
  timeout?: number;
  /** Sent as a bearer token. */
  key?: string;
}

/** A price service with the Hermes v2 interface: Pyth's own, or a devnet's. */
export class PriceServiceClient {
  readonly url: string;
  readonly #fetch: typeof fetch;
  readonly #timeout: number;
  readonly #headers: Record<string, string>;

  constructor({ url, fetch: fetcher = fetch, timeout = 5_000, key }: PriceServiceOptions) {
    this.url = url.replace(/\/+$/, '');
    // A browser's fetch refuses to be called as a method.
    this.#fetch = (input, init) => fetcher(input, init);
    this.#timeout = timeout;
    this.#headers = key ? { authorization: `Bearer ${key}` } : {};
  }

  /**
   * The newest signed prices of feeds.
   * @throws {PriceServiceUnreachableError} {@link PriceServiceRefusedError} {@link PriceServiceMalformedError}
   */
  async latest(ids: readonly Hex[]): Promise<PriceUpdate> {
    return this.#updates('latest', ids);
  }

  /**
   * The first signed prices published at or after a time: what orders settle at.
   * @param publishTime Seconds.
   * @throws {PriceNotPublishedError} while there is none; and as {@link latest}.
   */
  async at(publishTime: bigint, ids: readonly Hex[]): Promise<PriceUpdate> {
    try {
      return await this.#updates(String(publishTime), ids);
    } catch (error) {
      if (error instanceof PriceServiceRefusedError && error.status === 404) {
        throw new PriceNotPublishedError(this.url, publishTime);
      }
      throw error;
    }
  }

  async #updates(when: string, ids: readonly Hex[]): Promise<PriceUpdate> {
    const query = ids.map((id) => `ids[]=${id.toLowerCase()}`).join('&');
    const url = `${this.url}/v2/updates/price/${when}?${query}&encoding=hex&parsed=true`;
    let response: Response;
    let body: string;
    try {
      response = await this.#fetch(url, { headers: this.#headers, signal: AbortSignal.timeout(this.#timeout) });
      body = await response.text();
    } catch (cause) {
      throw new PriceServiceUnreachableError(this.url, cause);
    }
    if (!response.ok) throw new PriceServiceRefusedError(this.url, response.status, body);
    const update = parse(this.url, body);
    for (const id of ids) {
      if (!update.prices.some((price) => price.id === id.toLowerCase())) {
        throw new PriceServiceMalformedError(this.url, `no price of feed ${id}`);
      }
    }
    return update;
  }
}

interface Answer {
  binary: { data: string[] };
  parsed: {
    id: string;
    price: { price: string; conf: string; expo: number; publish_time: number };
    metadata?: { prev_publish_time?: number | null };
  }[];
}

function parse(url: string, body: string): PriceUpdate {
  try {
    const { binary, parsed } = JSON.parse(body) as Answer;
    return {
      update: binary.data.map(toHex),
      prices: parsed.map(({ id, price, metadata }) => ({
        id: toHex(id),
        price: toWad(price.price, price.expo),
        confidence: toWad(price.conf, price.expo),
        publishTime: BigInt(price.publish_time),
        prevPublishTime: metadata?.prev_publish_time ? BigInt(metadata.prev_publish_time) : null,
      })),
    };
  } catch (error) {
    throw new PriceServiceMalformedError(url, error instanceof Error ? error.message : String(error));
  }
}

function toHex(text: string): Hex {
  const digits = text.replace(/^0x/, '').toLowerCase();
  if (!/^([0-9a-f]{2})+$/.test(digits)) throw new TypeError(`"${text.slice(0, 20)}" is not hexadecimal`);
  return `0x${digits}`;
}

/** Rounded down; the contracts take exponents −18 to 0 only. */
function toWad(digits: string, expo: number): bigint {
  if (!Number.isInteger(expo) || expo > 0 || expo < -18) throw new RangeError(`exponent ${expo}`);
  return BigInt(digits) * 10n ** BigInt(18 + expo);
}
