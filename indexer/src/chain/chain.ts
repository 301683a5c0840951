import { onChain, Rpcs, type TidemarkError, toTidemarkError } from '@tidemark/sdk';
import { createClient, type Hex, type RpcBlock, type RpcLog, type RpcTransactionReceipt, toHex } from 'viem';
import type { Block } from '../store/types.ts';
import type { BlockInfo, ReceiptInfo, TransactionInfo } from '../wasm/host.ts';

/** The chain is another one than a moment ago: what was asked for is no longer there. Look again. */
export class ChainMoved extends Error {
  override name = 'ChainMoved';
}

export type Tag = 'latest' | 'safe' | 'finalized';

/** What logs are wanted. */
export interface LogFilter {
  /** Null for any. */
  readonly addresses: readonly Hex[] | null;
  /** Of the first topic. */
  readonly topics: readonly Hex[];
}

/** A block with its transactions, by their hashes. */
export interface FullBlock {
  readonly info: BlockInfo;
  readonly transactions: ReadonlyMap<string, TransactionInfo>;
}

/** Ten blocks of a busy chain are some megabytes, and viem takes ten. */
const BLOCKS_A_REQUEST = 25;
/** Milliseconds: a range of logs takes a node longer than anything else. */
const TIMEOUT_MS = 20_000;

export interface ChainOptions {
  /** The preferred one first. */
  readonly urls: readonly string[];
  /** Told, in one line, when an RPC is lost and when it is back. */
  readonly onWarning: (line: string) => void;
}

/** What the indexer asks of a chain. All throw {@link TidemarkError}. */
export class Chain {
  readonly #rpcs: Rpcs;
  readonly #request: (args: { method: string; params: unknown[] }) => Promise<unknown>;

  constructor({ urls, onWarning }: ChainOptions) {
    this.#rpcs = new Rpcs({
      urls,
      timeoutMs: TIMEOUT_MS,
      onEvent: (event) =>
        onWarning(event.event === 'rpc-lost' ? `RPC lost: ${event.why.line}` : `RPC back: ${event.rpc}`),
    });
    const client = createClient({ transport: this.#rpcs.transport });
    this.#request = client.request as never;
  }

  /** @returns The chain's id. */
  open(): Promise<number> {
    return this.#rpcs.open();
  }

  /** Null when the chain has no such block. */
  async header(which: bigint | Tag): Promise<BlockInfo | null> {
    const tag = typeof which === 'bigint' ? toHex(which) : which;
    const block = (await this.#ask('eth_getBlockByNumber', [tag, false])) as RpcBlock | null;
    return block && infoOf(block);
  }

  /** @throws {ChainMoved} when one of them is gone. */
  async headers(numbers: readonly bigint[]): Promise<BlockInfo[]> {
    const headers = await Promise.all(numbers.map((number) => this.header(number)));
    return headers.map((header) => header ?? moved());
  }

  /** By their hashes. @throws {ChainMoved} when one of them is gone. */
  async blocks(hashes: readonly string[]): Promise<FullBlock[]> {
    return inParts(hashes, BLOCKS_A_REQUEST, async (part) =>
      Promise.all(part.map(async (hash) => fullOf(await this.#ask('eth_getBlockByHash', [hash, true])))),
    );
  }

  /** Of a range of blocks, or of one by its hash; in their order. */
  async logs(
    { addresses, topics }: LogFilter,
    where: { from: bigint; to: bigint } | { hash: string },
  ): Promise<RpcLog[]> {
    if (topics.length === 0) return [];
    const blocks =
      'hash' in where ? { blockHash: where.hash } : { fromBlock: toHex(where.from), toBlock: toHex(where.to) };
    const filter = { ...blocks, ...(addresses && { address: addresses }), topics: [topics] };
    const logs = (await this.#ask('eth_getLogs', [filter])) as RpcLog[];
    return logs.sort(
      (a, b) =>
        Number(BigInt(a.blockNumber ?? 0) - BigInt(b.blockNumber ?? 0)) || Number(a.logIndex) - Number(b.logIndex),
    );
  }

  /** By transactions' hashes. @throws {ChainMoved} when one of them is gone. */
  async receipts(hashes: readonly string[]): Promise<Map<string, ReceiptInfo>> {
    const receipts = await inParts(hashes, BLOCKS_A_REQUEST * 4, (part) =>
      Promise.all(part.map((hash) => this.#ask('eth_getTransactionReceipt', [hash]))),
    );
    return new Map(
      receipts.map((receipt, i) => {
        const { gasUsed, cumulativeGasUsed, status } = (receipt ?? moved()) as RpcTransactionReceipt;
        const info = { gasUsed: BigInt(gasUsed), cumulativeGasUsed: BigInt(cumulativeGasUsed), status: BigInt(status) };
        return [hashes[i] as string, info];
      }),
    );
  }

  /** At a block, by its hash; null when the call reverts. */
  async call(block: string, to: string, data: Hex): Promise<Hex | null> {
    try {
      return (await this.#ask('eth_call', [{ to, data }, { blockHash: block }])) as Hex;
    } catch (error) {
      if (isRevert(error as TidemarkError)) return null;
      throw error;
    }
  }

  #ask(method: string, params: unknown[]): Promise<unknown> {
    return onChain(() => this.#request({ method, params }));
  }
}

/** What nodes say of a call that by the same state always ends the same way. */
const REVERTS = /revert|invalid opcode|invalid jump|stack (limit|underflow)|out of gas|gas uint64 overflow/i;

function isRevert(error: TidemarkError): boolean {
  return REVERTS.test(`${error.message} ${toTidemarkError(error.cause ?? error).message}`);
}

function moved(): never {
  throw new ChainMoved('A block is no longer there.');
}

/** Asks for a part after the other; a part that is refused again in halves, since its answer may have been too long. */
async function inParts<item, result>(
  items: readonly item[],
  size: number,
  ask: (part: readonly item[]) => Promise<result[]>,
): Promise<result[]> {
  const results: result[] = [];
  for (let at = 0; at < items.length; at += size) {
    const part = items.slice(at, at + size);
    const answer = await ask(part).catch((error: unknown) => {
      if (part.length === 1 || error instanceof ChainMoved) throw error;
      return inParts(part, Math.ceil(part.length / 2), ask);
    });
    results.push(...answer);
  }
  return results;
}

function fullOf(answer: unknown): FullBlock {
  const block = (answer ?? moved()) as RpcBlock<'latest', true>;
  return {
    info: infoOf(block as unknown as RpcBlock),
    transactions: new Map(block.transactions.map((one) => [one.hash, transactionOf(one)])),
  };
}

function infoOf(block: RpcBlock): BlockInfo {
  return {
    number: BigInt(block.number ?? moved()),
    hash: block.hash ?? moved(),
    parentHash: block.parentHash,
    timestamp: BigInt(block.timestamp),
    author: block.miner,
    stateRoot: block.stateRoot,
    transactionsRoot: block.transactionsRoot,
    receiptsRoot: block.receiptsRoot,
    unclesHash: block.sha3Uncles,
    gasUsed: BigInt(block.gasUsed),
    gasLimit: BigInt(block.gasLimit),
    difficulty: BigInt(block.difficulty ?? 0),
    totalDifficulty: BigInt(block.totalDifficulty ?? 0),
    size: block.size === undefined ? null : BigInt(block.size),
    baseFeePerGas: block.baseFeePerGas ? BigInt(block.baseFeePerGas) : null,
  };
}

function transactionOf(one: RpcBlock<'latest', true>['transactions'][number]): TransactionInfo {
  return {
    hash: one.hash,
    index: BigInt(one.transactionIndex ?? 0),
    from: one.from,
    to: one.to,
    value: BigInt(one.value),
    gasLimit: BigInt(one.gas),
    // Deposits from L1 have none.
    gasPrice: BigInt(one.gasPrice ?? 0),
    input: one.input,
    nonce: BigInt(one.nonce),
  };
}

/** What the store keeps of a block. */
export const blockOf = ({ number, hash, parentHash, timestamp }: BlockInfo): Block => ({
  number,
  hash,
  parentHash,
  time: timestamp,
});
