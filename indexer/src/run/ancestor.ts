import type { Chain } from '../chain/chain.ts';
import type { Block, Store } from '../store/types.ts';

type Known = Pick<Block, 'number' | 'hash'>;

/** Blocks that are asked for at once. */
const STEP = 16;

/**
 * The last block that the index and the chain share; null when there is none.
 * @param recent The last blocks that were indexed, the newest last; those before them are asked of the store.
 */
export async function findAncestor(
  chain: Pick<Chain, 'header'>,
  { store, recent, first }: { store: Pick<Store, 'hashOf'>; recent: readonly Known[]; first: bigint },
): Promise<Known | null> {
  /** The newest of some blocks that is one of the chain. */
  const shared = async (blocks: readonly Known[]) => {
    const headers = await Promise.all(blocks.map(({ number }) => chain.header(number)));
    return blocks.findLast(({ hash }, i) => headers[i]?.hash === hash);
  };
  for (let end = recent.length; end > 0; end -= STEP) {
    const found = await shared(recent.slice(Math.max(0, end - STEP), end));
    if (found) return found;
  }
  for (let number = (recent[0]?.number ?? first) - 1n; number >= first; number--) {
    const hash = await store.hashOf(number);
    if (hash && (await shared([{ number, hash }]))) return { number, hash };
  }
  return null;
}
