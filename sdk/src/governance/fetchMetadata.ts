import type { Hex } from 'viem';
import { TidemarkError } from '../errors/index.ts';
import { cidOf, decodeMetadata, MAX_METADATA_BYTES, type ProposalMetadata, requireBlock } from './metadata.ts';
import { type GatewayFailure, MetadataTooLargeError, MetadataUnavailableError } from './metadataErrors.ts';

export interface FetchMetadataOptions {
  /** Addresses of IPFS gateways, in order of preference, e.g. `https://ipfs.io`. None of them is trusted. */
  gateways: readonly string[];
  /** Of the chain, by `parseDescription`. */
  digest: Hex;
  fetch?: typeof fetch;
  /** Milliseconds that each gateway has for the whole answer. */
  timeoutMs?: number;
}

/**
 * A proposal's metadata from the first gateway that gives the bytes which the digest names; one that fails, redirects,
 * sends too much or lies is passed over. What it says is its proposer's word: the Markdown is untrusted.
 * @throws {MetadataUnavailableError} when no gateway gives the block; it names each one's failure.
 * @throws {MetadataInvalidError} when the block that the chain names is no metadata: no gateway can help.
 */
export async function fetchMetadata({
  gateways,
  digest,
  fetch: fetcher = fetch,
  timeoutMs = 10_000,
}: FetchMetadataOptions): Promise<ProposalMetadata> {
  const failures: GatewayFailure[] = [];
  for (const gateway of gateways) {
    let bytes: Uint8Array;
    try {
      const response = await fetcher(`${gateway.replace(/\/+$/, '')}/ipfs/${cidOf(digest)}?format=raw`, {
        headers: { accept: 'application/vnd.ipld.raw' },
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
      });
      bytes = await readBlock(response);
      requireBlock(bytes, digest);
    } catch (error) {
      failures.push({ gateway: nameOf(gateway), reason: reasonOf(error) });
      continue;
    }
    return decodeMetadata(bytes, digest);
  }
  throw new MetadataUnavailableError(cidOf(digest), failures);
}

/**
 * The body of an answer, of which no more is read than metadata may have.
 * @throws {MetadataTooLargeError} An `Error` when the status is not success or the body breaks off.
 */
export async function readBlock(response: Response): Promise<Uint8Array> {
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`it answered ${response.status}`);
  }
  const block = new Uint8Array(MAX_METADATA_BYTES);
  let length = 0;
  const reader = response.body?.getReader();
  for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) {
    const chunk: Uint8Array = read.value;
    if (length + chunk.length > block.length) {
      await reader?.cancel();
      throw new MetadataTooLargeError(MAX_METADATA_BYTES);
    }
    block.set(chunk, length);
    length += chunk.length;
  }
  return block.slice(0, length);
}

function nameOf(gateway: string): string {
  return URL.canParse(gateway) ? new URL(gateway).origin : 'an address that is none';
}

function reasonOf(error: unknown): string {
  if (error instanceof TidemarkError) return error.shortMessage.replace(/\.$/, '');
  const { message, cause } = error as Error;
  return cause instanceof Error ? `${message}, ${cause.message}` : message;
}
