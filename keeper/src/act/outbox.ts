import type { Hash } from 'viem';

/** Wei per gas. */
export interface Fees {
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
}

/** One of the transactions that were sent at a nonce, of which one is included at most. */
export interface Variant<work> extends Fees {
  readonly hash: Hash;
  /** Null of one that cancels. */
  readonly work: work | null;
}

/** What was sent at a nonce. */
export interface Entry<work> {
  readonly nonce: number;
  /** The newest last. */
  readonly variants: Variant<work>[];
  /** The newest block when the last was sent. */
  sentAt: bigint;
  included: Place | null;
  /** Whether the node knows nothing of it any more. */
  dropped: boolean;
  /** Looks at which the nonce was used up, and by none of these. */
  misses: number;
}

export interface Place {
  readonly hash: Hash;
  readonly block: bigint;
  readonly blockHash: Hash;
}

/** What the chain tells at its newest block. */
export interface Look {
  readonly block: bigint;
  readonly baseFee: bigint;
  /** The account's next nonce by the newest block, and by the node's pool. */
  readonly latestNonce: number;
  readonly pendingNonce: number;
  /** Where transactions that were asked for are included. */
  readonly places: ReadonlyMap<Hash, Place>;
  /** Transactions that were asked for and of which the node knows nothing. */
  readonly unknown: ReadonlySet<Hash>;
}

/** What came of what was sent, and what is to be done about the rest. */
export interface Verdict<work> {
  readonly included: readonly { readonly variant: Variant<work>; readonly place: Place }[];
  /** To be replaced at their nonces. */
  readonly stuck: readonly Entry<work>[];
  /** Nonces to be filled, since nothing behind them can be included before. */
  readonly gaps: readonly number[];
}

export interface OutboxOptions {
  /** Blocks after which a transaction that is not included counts as stuck. */
  readonly patience: bigint;
  /** Blocks on top of a transaction's own after which it is forgotten. */
  readonly depth: bigint;
}

/** Fees of a replacement rise by an eighth at least, or nodes refuse it; rounded up. */
export const raise = (fee: bigint): bigint => (fee * 9n + 7n) / 8n;

/**
 * The transactions of one account that are not done with, by nonce. Pure of I/O. What is sent again goes to the same
 * nonce, so that one of them is included at most, whatever a node forgets or holds back.
 */
export class Outbox<work> {
  readonly #options: OutboxOptions;
  readonly #entries = new Map<number, Entry<work>>();
  /** What was offered at a nonce, so that whatever comes next there offers more. */
  readonly #offered = new Map<number, Fees>();
  /** Nonces in the node's pool that are of another life of the keeper, or another process, and the block they were seen. */
  readonly #foreign = new Map<number, bigint>();
  #latestNonce = 0;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** Whether transactions of an earlier life wait: nothing is sent beside them, since they may do the same. */
  get waitsForOthers(): boolean {
    return this.#foreign.size > 0;
  }

  get pending(): readonly Entry<work>[] {
    return [...this.#entries.values()].filter(({ included }) => !included).sort((a, b) => a.nonce - b.nonce);
  }

  /** What to ask the node about before judging: receipts of these, and whether it knows those. */
  questions(block: bigint): { readonly places: readonly Hash[]; readonly known: readonly Hash[] } {
    const entries = [...this.#entries.values()];
    const old = this.pending.filter(({ sentAt }) => sentAt < block);
    return {
      places: entries.flatMap(({ variants }) => variants.map(({ hash }) => hash)),
      known: old.flatMap(({ variants }) => variants.map(({ hash }) => hash)),
    };
  }

  judge(look: Look): Verdict<work> {
    this.#latestNonce = look.latestNonce;
    const included = [...this.#entries.values()].flatMap((entry) => this.#place(entry, look));
    for (const nonce of this.#offered.keys()) {
      if (nonce < look.latestNonce && !this.#entries.has(nonce)) this.#offered.delete(nonce);
    }
    const stuckForeign = this.#watchForeign(look);
    const waiting = this.pending;
    const last = waiting.at(-1)?.nonce ?? -1;
    const gaps = [...stuckForeign];
    for (let nonce = Math.max(look.latestNonce, look.pendingNonce); nonce < last; nonce++) {
      if (!this.#entries.has(nonce)) gaps.push(nonce);
    }
    return { included, stuck: waiting.filter((entry) => this.#isStuck(entry, look)), gaps };
  }

  /** The lowest nonce that is free. */
  next(): number {
    let nonce = this.#latestNonce;
    while (this.#entries.has(nonce)) nonce++;
    return nonce;
  }

  /** Whether something was sent at a nonce that is not done with. */
  has(nonce: number): boolean {
    return this.#entries.has(nonce);
  }

  /** What to offer at a nonce: what is wanted, or as much more as replaces what was offered there. */
  feesAt(nonce: number, { maxFeePerGas, maxPriorityFeePerGas }: Fees): Fees {
    const before = this.#offered.get(nonce);
    if (!before) return { maxFeePerGas, maxPriorityFeePerGas };
    const more = (wanted: bigint, offered: bigint) => (wanted > raise(offered) ? wanted : raise(offered));
    return {
      maxFeePerGas: more(maxFeePerGas, before.maxFeePerGas),
      maxPriorityFeePerGas: more(maxPriorityFeePerGas, before.maxPriorityFeePerGas),
    };
  }

  /** Notes that a transaction leaves. */
  add(nonce: number, variant: Variant<work>, block: bigint): void {
    const entry = this.#entries.get(nonce);
    this.#offered.set(nonce, variant);
    if (!entry)
      this.#entries.set(nonce, {
        nonce,
        variants: [variant],
        sentAt: block,
        included: null,
        dropped: false,
        misses: 0,
      });
    else {
      entry.variants.push(variant);
      entry.sentAt = block;
      entry.dropped = false;
    }
  }

  /** Notes that a transaction did not leave; what it offered is remembered, in case it did after all. */
  withdraw(nonce: number, hash: Hash): void {
    const entry = this.#entries.get(nonce);
    if (!entry) return;
    const i = entry.variants.findIndex((variant) => variant.hash === hash);
    if (i >= 0) entry.variants.splice(i, 1);
    if (entry.variants.length === 0) this.#entries.delete(nonce);
  }

  /** Frees the nonce of what was dropped and is not wanted any more. */
  forget(nonce: number): void {
    this.#entries.delete(nonce);
  }

  /** @returns The variant that is newly included, if one is. */
  #place(entry: Entry<work>, { block, latestNonce, places, unknown }: Look): Verdict<work>['included'][number][] {
    const variant = entry.variants.find(({ hash }) => places.has(hash));
    const place = variant && (places.get(variant.hash) as Place);
    if (place) {
      const isNew = entry.included?.hash !== place.hash;
      entry.included = place;
      if (block >= place.block + this.#options.depth) this.#entries.delete(entry.nonce);
      return isNew ? [{ variant, place }] : [];
    }
    // A reorganisation took it back, or it never was in a block.
    entry.included = null;
    if (entry.nonce < latestNonce) {
      // Another transaction used the nonce; a node may tell so before it tells of a receipt.
      if (++entry.misses > 1) this.#entries.delete(entry.nonce);
    }
    entry.dropped = entry.sentAt < block && entry.variants.every(({ hash }) => unknown.has(hash));
    return [];
  }

  /** @returns The foreign nonce that holds up all others for too long, if one does. */
  #watchForeign({ block, latestNonce, pendingNonce }: Look): number[] {
    for (const nonce of this.#foreign.keys()) {
      if (nonce < latestNonce || nonce >= pendingNonce || this.#entries.has(nonce)) this.#foreign.delete(nonce);
    }
    for (let nonce = latestNonce; nonce < pendingNonce; nonce++) {
      if (!this.#entries.has(nonce) && !this.#foreign.has(nonce)) this.#foreign.set(nonce, block);
    }
    return [...this.#foreign].flatMap(([nonce, seen]) => (block >= seen + this.#options.patience ? [nonce] : []));
  }

  /** Only the first in line is stuck by time: the others wait for it. */
  #isStuck({ nonce, variants, sentAt, dropped }: Entry<work>, { block, baseFee, latestNonce }: Look): boolean {
    if (dropped || (nonce === latestNonce && block >= sentAt + this.#options.patience)) return true;
    const offered = variants.at(-1)?.maxFeePerGas ?? 0n;
    return block > sentAt && offered < baseFee;
  }
}
