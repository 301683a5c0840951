import { MetadataMismatchError, MetadataTooLargeError, requireBlock } from '@tidemark/sdk';
import type { Hex } from 'viem';

/** Keeps the blocks of proposals' metadata by their SHA-256. Nothing goes in or comes out but what its hash names. */
export interface BlockStore {
  /**
   * Keeps a block; again when it is already kept, which repairs it.
   * @returns Its digest.
   * @throws {MetadataTooLargeError} {@link StoreFailedError} {@link PinningFailedError}
   */
  put(bytes: Uint8Array): Promise<Hex>;
  /**
   * The block that a digest names; undefined when it is not kept, or kept damaged, of which a warning tells.
   * @throws {StoreFailedError}
   */
  get(digest: Hex): Promise<Uint8Array | undefined>;
  /**
   * How many blocks are kept.
   * @throws {StoreFailedError}
   */
  count(): Promise<number>;
}

/** A block if what is read is the one that the digest names; else nothing but a warning. */
export async function soundBlock(
  read: Promise<Uint8Array>,
  digest: Hex,
  store: string,
  warn: (line: string) => void,
): Promise<Uint8Array | undefined> {
  try {
    const bytes = await read;
    requireBlock(bytes, digest);
    return bytes;
  } catch (error) {
    if (!(error instanceof MetadataMismatchError || error instanceof MetadataTooLargeError)) throw error;
    warn(`The block ${digest} in ${store} is damaged and counts as absent: put it again.`);
    return undefined;
  }
}
