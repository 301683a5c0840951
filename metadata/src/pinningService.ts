import type { Hex } from 'viem';
import { digestOf, toCid } from './cid.ts';
import { PinningFailedError } from './errors.ts';

export interface PinningOptions {
  /** Address of the IPFS Pinning Service API. */
  url: string;
  /** Sent as a bearer token; never told. */
  token: string;
  /** Multiaddrs at which the service finds the blocks, at most 20; none when it finds them by IPFS itself. */
  origins?: readonly string[];
}

/** The furthest of a block's pins first. */
const STATUSES = ['pinned', 'pinning', 'queued', 'failed'] as const;
export type PinStatus = (typeof STATUSES)[number];

/** Milliseconds for each answer. */
const TIMEOUT = 10_000;

/** A service that fetches a block which is kept elsewhere, and keeps it too. */
export class PinningService {
  readonly #options: PinningOptions;
  readonly #name: string;

  constructor(options: PinningOptions) {
    this.#options = { ...options, url: options.url.replace(/\/+$/, '') };
    this.#name = new URL(options.url).origin;
  }

  /**
   * Asks the service to pin a block, unless it has or is about to. It is pinned once {@link status} says so.
   * @throws {PinningFailedError}
   */
  async pin(digest: Hex): Promise<PinStatus> {
    const status = await this.status(digest);
    if (status !== undefined && status !== 'failed') return status;
    const { origins } = this.#options;
    const pin = await this.#ask('/pins', { cid: `${toCid(digest)}`, ...(origins && { origins }) });
    return this.#statusOf(pin) ?? this.#refuse();
  }

  /**
   * How far the service is with a block; undefined when it was not asked.
   * @throws {PinningFailedError}
   */
  async status(digest: Hex): Promise<PinStatus | undefined> {
    const filter = STATUSES.map((status) => `&status=${status}`).join('');
    const { results } = (await this.#ask(`/pins?cid=${toCid(digest)}${filter}`)) as { results?: unknown };
    if (!Array.isArray(results)) return this.#refuse();
    const ours = results.filter((one) => digestOf(String(one?.pin?.cid)) === digest.toLowerCase());
    const statuses = ours.map((one) => this.#statusOf(one));
    return STATUSES.find((status) => statuses.includes(status));
  }

  #statusOf(pin: unknown): PinStatus | undefined {
    return STATUSES.find((status) => status === (pin as { status?: unknown } | null)?.status);
  }

  #refuse(): never {
    throw new PinningFailedError(this.#name, 'it does not speak the IPFS Pinning Service API');
  }

  /** @param pin Sent, when given. */
  async #ask(path: string, pin?: object): Promise<object> {
    const { url, token } = this.#options;
    let response: Response;
    let text: string;
    try {
      response = await fetch(`${url}${path}`, {
        headers: { authorization: `Bearer ${token}`, ...(pin && { 'content-type': 'application/json' }) },
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT),
        ...(pin && { method: 'POST', body: JSON.stringify(pin) }),
      });
      text = await response.text();
    } catch (cause) {
      throw new PinningFailedError(this.#name, 'it does not answer', { cause });
    }
    if (!response.ok) {
      // A refusal may repeat what was sent.
      const told = text.replaceAll(token, '…').replace(/\s+/g, ' ').trim().slice(0, 200);
      const { status } = response;
      throw new PinningFailedError(this.#name, `it answered ${status}${told ? `: ${told}` : ''}`, { status });
    }
    const answer = parsed(text);
    return typeof answer === 'object' && answer !== null ? answer : this.#refuse();
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
