import { exporter } from 'ipfs-unixfs-exporter';
import type { CID } from 'multiformats/cid';
import { sha256 } from 'multiformats/hashes/sha2';
import { type BlockSource, FileUnavailableError } from './blockSource.ts';
import { parseCid } from './cid.ts';

export interface IpfsGatewaysOptions {
  /** Addresses of IPFS gateways, in order of preference. None of them is trusted. */
  readonly urls: readonly string[];
  /** Milliseconds that each has for a block (default 10,000). */
  readonly timeoutMs?: number;
}

/** Bytes of a file, as many as graph-node takes. */
const MAX_FILE = 25 * 2 ** 20;
/** Bytes of a block: what IPFS passes on. */
const MAX_BLOCK = 2 * 2 ** 20;

/** Files from the first gateway that has blocks whose hashes are those of their CIDs; what else it sends is refused. */
export class IpfsGateways implements BlockSource {
  readonly #options: IpfsGatewaysOptions;

  constructor(options: IpfsGatewaysOptions) {
    this.#options = options;
  }

  async get(cid: string): Promise<Uint8Array> {
    const root = parseCid(cid);
    const ask = (key: CID) => this.#block(key);
    async function* get(key: CID) {
      yield await ask(key);
    }
    try {
      const entry = await exporter(root, { get });
      if (entry.type !== 'file' && entry.type !== 'raw') throw new FileUnavailableError(cid, [`it is a ${entry.type}`]);
      if (entry.size > BigInt(MAX_FILE)) throw new FileUnavailableError(cid, [`it has ${entry.size} bytes`]);
      const bytes = new Uint8Array(Number(entry.size));
      let length = 0;
      for await (const part of entry.content()) {
        bytes.set(part, length);
        length += part.length;
      }
      return bytes;
    } catch (error) {
      if (error instanceof FileUnavailableError) throw error;
      throw new FileUnavailableError(cid, [(error as Error).message]);
    }
  }

  async #block(cid: CID): Promise<Uint8Array> {
    if (cid.multihash.code !== sha256.code) throw new FileUnavailableError(`${cid}`, ['its hash is not SHA-256']);
    const reasons: string[] = [];
    for (const url of this.#options.urls) {
      try {
        const bytes = await this.#ask(url, cid);
        const { digest } = await sha256.digest(bytes);
        if (Buffer.compare(digest, cid.multihash.digest) === 0) return bytes;
        reasons.push(`${nameOf(url)} gave other bytes than it names`);
      } catch (error) {
        const { message, cause } = error as Error;
        reasons.push(`${nameOf(url)}: ${cause instanceof Error ? cause.message : message}`);
      }
    }
    throw new FileUnavailableError(`${cid}`, reasons);
  }

  async #ask(url: string, cid: CID): Promise<Uint8Array> {
    const response = await fetch(`${url.replace(/\/+$/, '')}/ipfs/${cid}?format=raw`, {
      headers: { accept: 'application/vnd.ipld.raw' },
      redirect: 'error',
      signal: AbortSignal.timeout(this.#options.timeoutMs ?? 10_000),
    });
    const parts: Uint8Array[] = [];
    let length = 0;
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`it answered ${response.status}`);
    }
    for await (const part of (response.body as unknown as AsyncIterable<Uint8Array> | null) ?? []) {
      length += part.length;
      if (length > MAX_BLOCK) throw new Error(`it sent more than ${MAX_BLOCK} bytes`);
      parts.push(part);
    }
    return Buffer.concat(parts);
  }
}

const nameOf = (url: string) => (URL.canParse(url) ? new URL(url).origin : 'an address that is none');
