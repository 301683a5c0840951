import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { encodeAbiParameters, encodeEventTopics, type Hex, keccak256, parseAbi, stringToHex, toHex } from 'viem';

export const movedAbi = parseAbi(['event Moved(uint256 indexed key, int256 by)', 'event Opened(address book)']);

/** What a transaction logs, one log each. */
export interface DoubleLog {
  readonly address: Hex;
  readonly topics: readonly Hex[];
  readonly data: Hex;
}

export const moved = (address: Hex, key: bigint, by: bigint): DoubleLog => ({
  address,
  topics: encodeEventTopics({ abi: movedAbi, eventName: 'Moved', args: { key } }) as Hex[],
  data: encodeAbiParameters([{ type: 'int256' }], [by]),
});

export const opened = (address: Hex, book: Hex): DoubleLog => ({
  address,
  topics: encodeEventTopics({ abi: movedAbi, eventName: 'Opened' }) as Hex[],
  data: encodeAbiParameters([{ type: 'address' }], [book]),
});

interface DoubleBlock {
  readonly number: number;
  readonly hash: Hex;
  readonly parentHash: Hex;
  readonly time: number;
  readonly logs: readonly DoubleLog[];
}

type Asked = { readonly method: string; readonly params?: readonly unknown[] };

interface AskedLogs {
  readonly address?: readonly Hex[];
  readonly topics: readonly [readonly Hex[]];
  readonly blockHash?: Hex;
  readonly fromBlock?: Hex;
  readonly toBlock?: Hex;
}

const EMPTY = `0x${'0'.repeat(64)}` as Hex;
/** Seconds. */
const GENESIS = 1_700_000_000;

/** A chain in memory behind an RPC of its own: blocks, logs, reorganisations, refusals. */
export class ChainDouble {
  readonly blocks: DoubleBlock[] = [];
  /** What was asked for. */
  readonly asked: Asked[] = [];
  /** Answers instead of the chain; undefined where the chain is to answer. Throws to refuse. */
  answer: (asked: Asked) => unknown = () => undefined;
  /** Whether connections are torn. */
  down = false;
  #forks = 0;
  readonly #server: Server;

  constructor() {
    this.mine([]);
    this.#server = createServer(async (request, response) => {
      const body = JSON.parse(await text(request)) as { id: number; method: string; params: unknown[] }[];
      if (this.down) return request.socket.destroy();
      const one = ({ id, ...asked }: { id: number } & Asked) => {
        this.asked.push(asked);
        try {
          return { jsonrpc: '2.0', id, result: this.answer(asked) ?? this.#result(asked) };
        } catch (error) {
          return { jsonrpc: '2.0', id, error: { code: -32000, message: (error as Error).message } };
        }
      };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(Array.isArray(body) ? body.map(one) : one(body)));
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async end(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get head(): DoubleBlock {
    return this.blocks.at(-1) as DoubleBlock;
  }

  /** Adds a block, two seconds after the last. */
  mine(logs: readonly DoubleLog[]): void {
    const parent = this.blocks.at(-1);
    const number = parent ? parent.number + 1 : 0;
    const hash = keccak256(stringToHex(`${number} of ${this.#forks} on ${parent?.hash}`));
    this.blocks.push({ number, hash, parentHash: parent?.hash ?? EMPTY, time: GENESIS + 2 * number, logs });
  }

  /** Replaces the newest blocks by others. */
  reorganise(depth: number, blocks: readonly (readonly DoubleLog[])[]): void {
    this.#forks++;
    this.blocks.splice(this.blocks.length - depth);
    for (const logs of blocks) this.mine(logs);
  }

  #result({ method, params = [] }: Asked): unknown {
    const [first, second] = params;
    if (method === 'eth_chainId') return toHex(901);
    if (method === 'eth_getBlockByNumber') return this.#block(this.#byTag(String(first)), second === true);
    if (method === 'eth_getBlockByHash') return this.#block(this.#byHash(first), second === true);
    if (method === 'eth_getLogs') return this.#logs(first as AskedLogs);
    if (method === 'eth_getTransactionReceipt') return { gasUsed: '0x1', cumulativeGasUsed: '0x2', status: '0x1' };
    throw new Error(`the method ${method} does not exist`);
  }

  #byTag(tag: string): DoubleBlock | undefined {
    if (tag === 'latest') return this.head;
    if (tag === 'safe' || tag === 'finalized') return this.blocks[Math.max(0, this.head.number - 10)];
    return this.blocks[Number(tag)];
  }

  #byHash(hash: unknown): DoubleBlock | undefined {
    return this.blocks.find((block) => block.hash === hash);
  }

  #logs({ address, topics, ...where }: AskedLogs) {
    const block = this.#byHash(where.blockHash);
    const blocks = where.blockHash
      ? block
        ? [block]
        : []
      : this.blocks.slice(Number(where.fromBlock), Number(where.toBlock) + 1);
    const isAsked = (log: DoubleLog) =>
      (!address || address.includes(log.address)) && topics[0].includes(log.topics[0] as Hex);
    return blocks.flatMap(({ number, hash, logs }) =>
      logs.flatMap((log, i) =>
        isAsked(log)
          ? [
              {
                ...log,
                ...{ blockNumber: toHex(number), blockHash: hash, logIndex: toHex(i), transactionIndex: toHex(i) },
                ...{ transactionHash: transactionOf(hash, i), removed: false },
              },
            ]
          : [],
      ),
    );
  }

  #block(block: DoubleBlock | undefined, full: boolean) {
    if (!block) return null;
    const { number, hash, parentHash, time, logs } = block;
    const zeros = { miner: `0x${'0'.repeat(40)}`, stateRoot: EMPTY, transactionsRoot: EMPTY, receiptsRoot: EMPTY };
    const transactions = logs.map((_, i) => {
      const own = transactionOf(hash, i);
      if (!full) return own;
      const values = { value: '0x0', gas: '0x5208', gasPrice: '0x1', input: '0x', nonce: '0x0' };
      return { hash: own, transactionIndex: toHex(i), from: zeros.miner, to: null, ...values };
    });
    const numbers = { gasUsed: '0x0', gasLimit: '0x0', difficulty: '0x0', size: '0x0', baseFeePerGas: '0x1' };
    const own = { number: toHex(number), hash, parentHash, timestamp: toHex(time), sha3Uncles: EMPTY };
    return { ...zeros, ...numbers, ...own, transactions };
  }
}

const transactionOf = (block: Hex, index: number) => keccak256(stringToHex(`${block} ${index}`));
