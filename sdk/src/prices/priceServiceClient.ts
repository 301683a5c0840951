import type { Hex } from 'viem';
import { TidemarkError } from '../errors/index.ts';
import { decodeAccumulatorUpdate, type PriceMessage } from '../pyth/index.ts';
import {
  PriceNotPublishedError,
  PriceServiceMalformedError,
  PriceServiceRefusedError,
  PriceServiceUnreachableError,
} from './priceServiceErrors.ts';

/** One feed's price, read from the signed bytes that prove it. */
export interface PublishedPrice {
  id: Hex;
  /** USD per base unit, 18 decimals. */
  price: bigint;
  /** 18 decimals. */
  confidence: bigint;
  /** Seconds. */
  publishTime: bigint;
  /** Seconds; when the feed was published before. */
  prevPublishTime: bigint;
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
  /** What errors call it: of the address only the host, since a path may hold a key. */
  readonly name: string;
  readonly #fetch: typeof fetch;
  readonly #timeout: number;
  readonly #key: string | undefined;
  readonly #headers: Record<string, string>;

  constructor({ url, fetch: fetcher = fetch, timeout = 5_000, key }: PriceServiceOptions) {
    this.url = url.replace(/\/+$/, '');
    this.name = new URL(url).origin;
    // A browser's fetch refuses to be called as a method.
    this.#fetch = (input, init) => fetcher(input, init);
    this.#timeout = timeout;
    this.#key = key;
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
        throw new PriceNotPublishedError(this.name, publishTime);
      }
      throw error;
    }
  }

  async #updates(when: string, ids: readonly Hex[]): Promise<PriceUpdate> {
    const query = ids.map((id) => `ids[]=${id.toLowerCase()}`).join('&');
    const url = `${this.url}/v2/updates/price/${when}?${query}&encoding=hex&parsed=false`;
    let response: Response;
    let body: string;
    try {
      response = await this.#fetch(url, { headers: this.#headers, signal: AbortSignal.timeout(this.#timeout) });
      body = await response.text();
    } catch (cause) {
      throw new PriceServiceUnreachableError(this.name, cause);
    }
    if (!response.ok) throw new PriceServiceRefusedError(this.name, response.status, this.#withoutKey(body));
    return parse(this.name, body, ids);
  }

  /** A refusal may repeat what was sent. */
  #withoutKey(body: string): string {
    return this.#key ? body.replaceAll(this.#key, '…') : body;
  }
}

/** The signed bytes and what they say: exactly the feeds asked for, since the chain refuses an update that says more. */
function parse(url: string, body: string, ids: readonly Hex[]): PriceUpdate {
  try {
    const { binary } = JSON.parse(body) as { binary: { data: string[] } };
    const update = binary.data.map((digits): Hex => `0x${digits.replace(/^0x/, '').toLowerCase()}`);
    const messages = update.flatMap((bytes) => decodeAccumulatorUpdate(bytes).messages);
    const asked = new Set(ids.map((id) => id.toLowerCase()));
    for (const id of asked) {
      if (!messages.some((message) => message.id === id)) throw new TypeError(`no price of feed ${id}`);
    }
    if (messages.length !== asked.size) throw new TypeError(`${messages.length} prices for ${asked.size} feeds`);
    return { update, prices: messages.map(toPrice) };
  } catch (error) {
    const what = error instanceof TidemarkError ? error.shortMessage : String((error as Error).message);
    throw new PriceServiceMalformedError(url, what.replace(/\.$/, ''), error);
  }
}

function toPrice({ id, price, confidence, expo, publishTime, prevPublishTime }: PriceMessage): PublishedPrice {
  return { id, price: toWad(price, expo), confidence: toWad(confidence, expo), publishTime, prevPublishTime };
}

/** Exact; the contracts take exponents −18 to 0 only. */
function toWad(value: bigint, expo: number): bigint {
  if (expo > 0 || expo < -18) throw new RangeError(`exponent ${expo}`);
  return value * 10n ** BigInt(18 + expo);
}
