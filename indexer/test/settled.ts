import type { Store } from '../src/store/types.ts';
import type { ChainDouble } from './chainDouble.ts';

/** Resolves when an index has written the newest block of a chain. */
export function settled(chain: ChainDouble, store: Pick<Store, 'head' | 'subscribe'>): Promise<void> {
  const isThere = () => store.head?.hash === chain.head.hash;
  if (isThere()) return Promise.resolve();
  return new Promise((resolve) => {
    const unsubscribe = store.subscribe(() => {
      if (!isThere()) return;
      unsubscribe();
      resolve();
    });
  });
}
