import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type Address, type Hex, keccak256, numberToHex, stringToHex } from 'viem';

interface Recorded {
  readonly number: number;
  readonly hash: Hex;
  readonly parentHash: Hex;
  /** Seconds. */
  readonly time: bigint;
  readonly logs: readonly { readonly address: Address; readonly topics: readonly Hex[]; readonly data: Hex }[];
}

interface Request {
  readonly id: number;
  readonly method: string;
  readonly params?: readonly unknown[];
}

interface LogFilter {
  readonly address?: Address | readonly Address[];
  readonly topics?: readonly (Hex | readonly Hex[] | null)[];
  readonly fromBlock?: Hex;
  readonly toBlock?: Hex;
  readonly blockHash?: Hex;
}

const ZERO: Hex = `0x${'0'.repeat(64)}`;
const SENDER: Address = `0x${'b0'.repeat(20)}`;
/** Logs of one answer. */
const MOST_LOGS = 10_000;

/** A chain of recorded logs behind an RPC: a block and a transaction for each call that logged anything. */
export class RecordedChain {
  readonly blocks: Recorded[] = [];
  readonly #calls = new Map<string, Hex>();
  readonly #byHash = new Map<Hex, Recorded>();
  readonly #server: Server;

  constructor(genesisTime: bigint) {
    this.add([], genesisTime);
    this.#server = createServer(async (request, response) => {
      const asked = JSON.parse(await text(request)) as Request | Request[];
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(Array.isArray(asked) ? asked.map((one) => this.#answer(one)) : this.#answer(asked)));
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

  get head(): Recorded {
    return this.blocks.at(-1) as Recorded;
  }

  add(logs: Recorded['logs'], time: bigint): void {
    const { length: number } = this.blocks;
    const parentHash = this.blocks.at(-1)?.hash ?? ZERO;
    const block = { number, hash: keccak256(stringToHex(`${number} on ${parentHash}`)), parentHash, time, logs };
    this.blocks.push(block);
    this.#byHash.set(block.hash, block);
  }

  /** What a call answers, at every block. */
  answerCall(to: Address, data: Hex, result: Hex): void {
    this.#calls.set(`${to} ${data}`, result);
  }

  #answer({ id, method, params = [] }: Request): object {
    try {
      return { jsonrpc: '2.0', id, result: this.#result(method, params) };
    } catch (error) {
      return { jsonrpc: '2.0', id, error: { code: -32_000, message: (error as Error).message } };
    }
  }

  #result(method: string, [first, second]: readonly unknown[]): unknown {
    if (method === 'eth_chainId') return numberToHex(1);
    if (method === 'eth_blockNumber') return numberToHex(this.head.number);
    if (method === 'eth_getBlockByNumber') return this.#block(this.#byTag(String(first)), second === true);
    if (method === 'eth_getBlockByHash') return this.#block(this.#byHash.get(first as Hex), second === true);
    if (method === 'eth_getLogs') return this.#logs(first as LogFilter);
    if (method === 'eth_call') {
      const { to, data } = first as { to: Address; data: Hex };
      const result = this.#calls.get(`${to} ${data}`);
      if (result === undefined) throw new Error(`execution reverted: nothing is recorded of ${data} to ${to}`);
      return result;
    }
    throw new Error(`the method ${method} does not exist`);
  }

  #byTag(tag: string): Recorded | undefined {
    return tag.startsWith('0x') ? this.blocks[Number(tag)] : this.head;
  }

  #logs({ address, topics = [], fromBlock, toBlock, blockHash }: LogFilter) {
    const addresses = address === undefined ? null : [address].flat().map((one) => one.toLowerCase());
    const first = topics[0] ? [topics[0]].flat() : null;
    const block = blockHash && this.#byHash.get(blockHash);
    const blocks = blockHash ? (block ? [block] : []) : this.blocks.slice(Number(fromBlock), Number(toBlock) + 1);
    const found = blocks.flatMap(({ number, hash, logs }) =>
      logs.flatMap((log, logIndex) => {
        if (addresses && !addresses.includes(log.address.toLowerCase())) return [];
        if (first && !first.includes(log.topics[0] as Hex)) return [];
        const at = { blockNumber: numberToHex(number), blockHash: hash, logIndex: numberToHex(logIndex) };
        return [{ ...log, ...at, transactionHash: transactionOf(hash), transactionIndex: '0x0', removed: false }];
      }),
    );
    if (found.length > MOST_LOGS) throw new Error(`query returned more than ${MOST_LOGS} results`);
    return found;
  }

  #block(block: Recorded | undefined, full: boolean) {
    if (!block) return null;
    const { number, hash, parentHash, time } = block;
    const own = transactionOf(hash);
    const words = { value: '0x0', gas: '0x0', gasPrice: '0x1', input: '0x', nonce: numberToHex(number) };
    const transaction = { hash: own, transactionIndex: '0x0', from: SENDER, to: SENDER, ...words };
    const roots = { stateRoot: ZERO, transactionsRoot: ZERO, receiptsRoot: ZERO, sha3Uncles: ZERO };
    const numbers = { gasUsed: '0x0', gasLimit: '0x0', difficulty: '0x0', size: '0x0', baseFeePerGas: '0x1' };
    return {
      ...{ number: numberToHex(number), hash, parentHash, timestamp: numberToHex(time), miner: SENDER },
      ...roots,
      ...numbers,
      transactions: full ? [transaction] : [own],
    };
  }
}

const transactionOf = (block: Hex): Hex => keccak256(block);
