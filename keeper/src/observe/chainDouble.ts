import { createClient, custom, type Hash, type Hex, keccak256, numberToHex, toHex } from 'viem';

/** A log as an RPC gives it, without its place. */
export interface DoubleLog {
  readonly topics: readonly Hex[];
  readonly data: Hex;
}

interface DoubleBlock {
  readonly number: bigint;
  readonly hash: Hash;
  readonly parentHash: Hash;
  readonly logs: readonly DoubleLog[];
}

const ENGINE = '0x00000000000000000000000000000000000000e1';
const ZERO = toHex(0, { size: 32 });

/** An RPC whose chain grows, forks and lags by command; blocks are 2 s apart. */
export class ChainDouble {
  /** What it shows now, from block 0 on. */
  blocks: readonly DoubleBlock[] = [];
  /** What was asked for, in order. */
  readonly asked: { readonly method: string; readonly what: unknown }[] = [];
  /** Called with each request before it is answered. */
  onRequest: (method: string) => void = () => {};
  readonly engine = ENGINE;
  /** One that answers as this says. */
  readonly client = createClient({
    cacheTime: 0,
    transport: custom({ request: async (request) => this.#answer(request) }, { retryCount: 0 }),
  });

  /** Goes on from a block, forgetting what came after it. @param fork Tells blocks of one height apart. */
  grow(count: number, { from = this.blocks.length - 1, fork = '' }: { from?: number; fork?: string } = {}): void {
    this.blocks = this.blocks.slice(0, from + 1);
    for (let i = 0; i < count; i++) this.add([], fork);
  }

  add(logs: readonly DoubleLog[], fork = ''): void {
    const number = BigInt(this.blocks.length);
    const parentHash = this.blocks.at(-1)?.hash ?? ZERO;
    const hash = keccak256(toHex(`${number} ${parentHash} ${fork} ${logs.length}`));
    this.blocks = [...this.blocks, { number, hash, parentHash, logs }];
  }

  async #answer({ method, params }: { method: string; params?: unknown }): Promise<unknown> {
    const [what] = (params ?? []) as [never];
    this.asked.push({ method, what });
    this.onRequest(method);
    if (method === 'eth_getBlockByNumber') return this.#block(what);
    if (method === 'eth_getLogs') return this.#logs(what);
    throw new Error(`The double has no ${method}.`);
  }

  #block(tag: Hex | 'latest'): unknown {
    const block = tag === 'latest' ? this.blocks.at(-1) : this.blocks[Number(tag)];
    if (!block) return null;
    const { number, hash, parentHash } = block;
    const timestamp = numberToHex(1_700_000_000n + 2n * number);
    return { number: numberToHex(number), hash, parentHash, timestamp, transactions: [] };
  }

  #logs({ blockHash, fromBlock, toBlock }: { blockHash?: Hash; fromBlock?: Hex; toBlock?: Hex }): unknown[] {
    const wanted = blockHash
      ? this.blocks.filter(({ hash }) => hash === blockHash)
      : this.blocks.slice(Number(fromBlock), Number(toBlock) + 1);
    if (blockHash && wanted.length === 0) throw new Error('unknown block');
    return wanted.flatMap(({ number, hash, logs }) =>
      logs.map((log, logIndex) => ({
        ...log,
        address: ENGINE,
        blockNumber: numberToHex(number),
        blockHash: hash,
        transactionHash: hash,
        transactionIndex: '0x0',
        logIndex: numberToHex(logIndex),
        removed: false,
      })),
    );
  }
}
