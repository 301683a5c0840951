import type { Standing } from '../store/types.ts';
import type { BlockInfo } from '../wasm/host.ts';
import type { Chain } from './chain.ts';

/** The chain's newest block, and which it calls safe and final. */
export class Tips {
  readonly #chain: Chain;
  #hash = '';
  #tips: Standing['chain'] = null;

  constructor(chain: Chain) {
    this.#chain = chain;
  }

  get tips(): Standing['chain'] {
    return this.#tips;
  }

  /** Takes a newest block; asks for the others beside the work. */
  note({ number, hash }: BlockInfo): void {
    if (hash === this.#hash) return;
    this.#hash = hash;
    const { safe = null, finalized = null } = this.#tips ?? {};
    this.#tips = { latest: number, safe, finalized };
    // Some nodes know neither.
    const asked = (['safe', 'finalized'] as const).map((tag) => this.#chain.header(tag).catch(() => null));
    void Promise.all(asked).then(([safeNow, finalNow]) => {
      if (this.#hash !== hash) return;
      this.#tips = { latest: number, safe: safeNow?.number ?? null, finalized: finalNow?.number ?? null };
    });
  }
}
