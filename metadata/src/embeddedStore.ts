import { readdir } from 'node:fs/promises';
import { MAX_METADATA_BYTES, MetadataTooLargeError, metadataDigest } from '@tidemark/sdk';
import { FsBlockstore } from 'blockstore-fs';
import type { Hex } from 'viem';
import { type BlockStore, soundBlock } from './blockStore.ts';
import { toCid } from './cid.ts';
import { StoreFailedError } from './errors.ts';

/** Ends the names of files that hold a block; one that is being written has another. */
const EXTENSION = '.data';

/** Blocks in a folder of this machine, one file each. */
export class EmbeddedStore implements BlockStore {
  readonly #files: FsBlockstore;
  readonly #warn: (line: string) => void;
  /** The same block is written once at a time: two writers share one temporary file. */
  readonly #writes = new Map<Hex, Promise<unknown>>();

  private constructor(folder: string, warn: (line: string) => void) {
    this.#files = new FsBlockstore(folder);
    this.#warn = warn;
  }

  /**
   * Opens the store in a folder, which is made when it is missing.
   * @throws {StoreFailedError} when it is none that may be read and written.
   */
  static async open(folder: string, warn: (line: string) => void): Promise<EmbeddedStore> {
    const store = new EmbeddedStore(folder, warn);
    await store.#try(() => store.#files.open());
    await store.count();
    return store;
  }

  async put(bytes: Uint8Array): Promise<Hex> {
    if (bytes.length > MAX_METADATA_BYTES) throw new MetadataTooLargeError(MAX_METADATA_BYTES);
    const digest = metadataDigest(bytes);
    let write = this.#writes.get(digest);
    if (!write) {
      write = this.#write(digest, bytes).finally(() => this.#writes.delete(digest));
      this.#writes.set(digest, write);
    }
    await write;
    return digest;
  }

  async get(digest: Hex): Promise<Uint8Array | undefined> {
    if (!(await this.#files.has(toCid(digest)))) return undefined;
    const read = this.#try(() => this.#read(digest));
    return soundBlock(read, digest, this.#files.path, this.#warn);
  }

  async count(): Promise<number> {
    const names = await this.#try(() => readdir(this.#files.path, { recursive: true }));
    return names.filter((name) => name.endsWith(EXTENSION)).length;
  }

  async #write(digest: Hex, bytes: Uint8Array): Promise<void> {
    if (await this.get(digest)) return;
    await this.#try(() => this.#files.put(toCid(digest), bytes));
  }

  /** No more than it takes to see that it is too much. */
  async #read(digest: Hex): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of this.#files.get(toCid(digest))) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > MAX_METADATA_BYTES) break;
    }
    return Buffer.concat(chunks);
  }

  async #try<T>(work: () => T | Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      throw new StoreFailedError(this.#files.path, (cause as Error).message, cause);
    }
  }
}
