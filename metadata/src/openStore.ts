import type { BlockStore } from './blockStore.ts';
import { EmbeddedStore } from './embeddedStore.ts';
import { KuboStore } from './kuboStore.ts';
import { type PinningOptions, PinningService } from './pinningService.ts';

/** Where blocks are kept: in a folder, or by a kubo node, given by the address of its RPC. */
export type StoreConfig = ({ folder: string } | { kubo: string }) & {
  /** A service that pins each block besides. */
  pinning?: PinningOptions;
};

/**
 * Opens a store.
 * @param warn Is told, in one line, of a block that is damaged.
 * @throws {StoreFailedError} when the folder cannot be used.
 */
export async function openStore(config: StoreConfig, warn: (line: string) => void): Promise<BlockStore> {
  const store = 'folder' in config ? await EmbeddedStore.open(config.folder, warn) : new KuboStore(config.kubo, warn);
  if (!config.pinning) return store;
  const service = new PinningService(config.pinning);
  return {
    put: async (bytes) => {
      const digest = await store.put(bytes);
      await service.pin(digest);
      return digest;
    },
    get: (digest) => store.get(digest),
    count: () => store.count(),
  };
}
