import { MAX_METADATA_BYTES, MetadataTooLargeError, metadataDigest, readBlock, TidemarkError } from '@tidemark/sdk';
import type { Hex } from 'viem';
import { type BlockStore, soundBlock } from './blockStore.ts';
import { digestOf, toCid } from './cid.ts';
import { StoreFailedError } from './errors.ts';

/** Milliseconds for each answer. */
const TIMEOUT = 10_000;

/** Blocks pinned by a kubo node, asked by its RPC, which must be open to nobody else. */
export class KuboStore implements BlockStore {
  readonly #url: string;
  readonly #name: string;
  readonly #warn: (line: string) => void;

  constructor(url: string, warn: (line: string) => void) {
    this.#url = url.replace(/\/+$/, '');
    this.#name = `kubo at ${new URL(url).origin}`;
    this.#warn = warn;
  }

  async put(bytes: Uint8Array): Promise<Hex> {
    if (bytes.length > MAX_METADATA_BYTES) throw new MetadataTooLargeError(MAX_METADATA_BYTES);
    const digest = metadataDigest(bytes);
    const form = new FormData();
    form.append('data', new Blob([bytes.slice()]));
    const { Key } = await this.#json<{ Key: string }>('block/put?cid-codec=raw&mhtype=sha2-256&pin=true', form);
    if (digestOf(String(Key)) !== digest) {
      throw new StoreFailedError(this.#name, `it keeps ${toCid(digest)} as ${String(Key).slice(0, 100)}`);
    }
    return digest;
  }

  async get(digest: Hex): Promise<Uint8Array | undefined> {
    // What the node does not have it would look for in all of IPFS, for whoever asks.
    const response = await this.#ask(`block/get?arg=${toCid(digest)}&offline=true`);
    if (response === undefined) return undefined;
    return soundBlock(
      this.#try(() => readBlock(response)),
      digest,
      this.#name,
      this.#warn,
    );
  }

  /** Counts all that the node has pinned, whoever did. */
  async count(): Promise<number> {
    const { Keys } = await this.#json<{ Keys: object | null }>('pin/ls?type=recursive');
    return Object.keys(Keys ?? {}).length;
  }

  async #json<T>(path: string, body?: FormData): Promise<T> {
    const response = await this.#ask(path, body);
    const answer = await this.#try(() => response?.json());
    if (typeof answer === 'object' && answer !== null) return answer as T;
    throw new StoreFailedError(this.#name, 'it does not speak the RPC of kubo');
  }

  /** The answer; undefined when a block is not there. */
  async #ask(path: string, body?: FormData): Promise<Response | undefined> {
    const response = await this.#try(() =>
      fetch(`${this.#url}/api/v0/${path}`, {
        method: 'POST',
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT),
        ...(body && { body }),
      }),
    );
    if (response.ok) return response;
    const told = (await this.#try(() => response.text())).replace(/\s+/g, ' ').slice(0, 200);
    // Kubo answers 500 to all that fails.
    if (told.includes('block was not found locally')) return undefined;
    throw new StoreFailedError(this.#name, `it answered ${response.status}: ${told}`);
  }

  async #try<T>(work: () => T | Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof TidemarkError) throw error;
      const { message, cause } = error as Error;
      throw new StoreFailedError(this.#name, cause instanceof Error ? `${message}, ${cause.message}` : message, error);
    }
  }
}
