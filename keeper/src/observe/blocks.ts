import { type AnyClient, onChain, TidemarkError } from '@tidemark/sdk';
import type { Address, Hash, Log } from 'viem';
import { getBlock, getLogs } from 'viem/actions';

/** Blocks whose hashes are remembered, and so the deepest reorg that is followed: 128 s. */
export const REMEMBERED = 64n;
/** Blocks of one log request. */
const LOG_RANGE = 5_000n;

/** A block as the chain shows it. */
export interface Head {
  readonly number: bigint;
  readonly hash: Hash;
  readonly parentHash: Hash;
  /** Seconds. */
  readonly timestamp: bigint;
}

/** A block and what it brought. */
export interface Block extends Head {
  readonly logs: readonly Log[];
}

/** What has become of the chain since the last look. */
export type Step =
  /** Nothing, or the RPC lags: it shows an earlier block of the same chain. */
  | { readonly kind: 'same' | 'behind' }
  /** Blocks were added. `old` are the logs of those before `blocks`, too old to be gone back to. */
  | { readonly kind: 'ahead'; readonly old: readonly Log[]; readonly blocks: readonly Block[] }
  /** The chain is another one from the block after `to` on, which is still there; nothing is kept when it is null. */
  | { readonly kind: 'reorg'; readonly from: bigint; readonly to: Head | null };

/** The chain turned into another one while it was read. */
export class ChainMovedError extends TidemarkError {
  override name = 'ChainMovedError';

  constructor(block: bigint) {
    super(`Block ${block} was replaced while it was read.`, { next: 'It is read again.', retryable: true });
  }
}

/** Finds what the chain has added or taken back, as seen from the blocks that are known. */
export class ChainFollower {
  readonly #client: AnyClient;
  readonly #address: Address;
  readonly #startBlock: bigint;
  /** Ascending, without gaps. */
  #known: Head[] = [];

  /** @param address Whose logs are read. */
  constructor(client: AnyClient, address: Address, startBlock: bigint) {
    [this.#client, this.#address, this.#startBlock] = [client, address, startBlock];
  }

  /** The newest block that is known. */
  get head(): Head | undefined {
    return this.#known.at(-1);
  }

  /** Looks at the chain, and knows afterwards what it returns. @throws {TidemarkError} when it cannot be read. */
  async step(): Promise<Step> {
    const newest = toHead(await onChain(() => getBlock(this.#client, { blockTag: 'latest' })));
    const { head } = this;
    if (!head) return this.#advance(newest, this.#startBlock);
    if (newest.hash === head.hash) return { kind: 'same' };
    if (newest.number > head.number) return this.#advance(newest, head.number + 1n);
    if (this.#at(newest.number)?.hash === newest.hash) return { kind: 'behind' };
    return this.#goBack(newest.number);
  }

  #at(number: bigint): Head | undefined {
    const [first] = this.#known;
    return first && this.#known[Number(number - first.number)];
  }

  async #advance(newest: Head, first: bigint): Promise<Step> {
    const from = first < newest.number ? first : newest.number;
    const recent = newest.number - from >= REMEMBERED ? newest.number - REMEMBERED + 1n : from;
    const old = recent > from ? await this.#logs(from, recent - 1n) : [];
    const heads = await Promise.all(
      Array.from({ length: Number(newest.number - recent) }, (_, i) => this.#block(recent + BigInt(i))),
    );
    heads.push(newest);
    // Those from the newest down to the first are of one chain; which one is known by its hash alone.
    for (const [i, { parentHash, number }] of heads.entries()) {
      if (i > 0 && heads[i - 1]?.hash !== parentHash) throw new ChainMovedError(number);
    }
    const { head } = this;
    const isAdjacent = head && head.number + 1n === recent;
    if (isAdjacent && heads[0]?.parentHash !== head.hash) return this.#goBack(head.number);
    // What lies between is known by its logs alone, which must be of the same chain.
    if (head && !isAdjacent && (await this.#block(head.number)).hash !== head.hash) return this.#goBack(head.number);
    const logs = await Promise.all(heads.map(({ hash }) => this.#logsOf(hash)));
    this.#known = [...(isAdjacent ? this.#known : []), ...heads].slice(-Number(REMEMBERED));
    return { kind: 'ahead', old, blocks: heads.map((one, i) => ({ ...one, logs: logs[i] ?? [] })) };
  }

  /** To the newest block at or before a number that is still the chain's. */
  async #goBack(number: bigint): Promise<Step> {
    const from = (this.head as Head).number;
    for (let at = number; ; at--) {
      const known = this.#at(at);
      if (!known) break;
      if ((await this.#block(at)).hash !== known.hash) continue;
      this.#known = this.#known.filter((one) => one.number <= at);
      return { kind: 'reorg', from, to: known };
    }
    this.#known = [];
    return { kind: 'reorg', from, to: null };
  }

  async #block(blockNumber: bigint): Promise<Head> {
    return toHead(await onChain(() => getBlock(this.#client, { blockNumber })));
  }

  #logsOf(blockHash: Hash): Promise<Log[]> {
    return onChain(() => getLogs(this.#client, { address: this.#address, blockHash }));
  }

  async #logs(from: bigint, to: bigint): Promise<Log[]> {
    const found: Log[] = [];
    for (let fromBlock = from; fromBlock <= to; fromBlock += LOG_RANGE) {
      const end = fromBlock + LOG_RANGE - 1n;
      const range = { address: this.#address, fromBlock, toBlock: end < to ? end : to };
      for (const log of await onChain(() => getLogs(this.#client, range))) found.push(log);
    }
    return found;
  }
}

function toHead({ number, hash, parentHash, timestamp }: Head): Head {
  return { number, hash, parentHash, timestamp };
}
