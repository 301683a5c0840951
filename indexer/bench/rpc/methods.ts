import { derivativesEngineAbi } from '@tidemark/sdk';
import { encodeFunctionResult, getAbiItem, type Hex, toFunctionSelector } from 'viem';
import { CHAIN_ID, type Chain, ENGINE, type StoredBlock } from './chain.ts';

/** Of one answer. */
const MOST_LOGS = 10_000;

/** What the engine answers to the one call that handlers make, of a market that was listed just now. */
const GET_MARKET = toFunctionSelector(getAbiItem({ abi: derivativesEngineAbi, name: 'getMarket' }));
const NEW_MARKET = encodeFunctionResult({
  abi: derivativesEngineAbi,
  functionName: 'getMarket',
  result: {
    ...{ longs: 0n, shorts: 0n, accruedAt: 0, indexAt: 0, funding: 0n, index: 0n, fundingRate: 0n, cash: 0n },
    skewSeconds: 0n,
  },
});

/** What a method refuses, as JSON-RPC tells it. */
export class Refusal extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

interface LogFilter {
  readonly fromBlock?: string;
  readonly toBlock?: string;
  readonly blockHash?: Hex;
  readonly address?: Hex | readonly Hex[];
  readonly topics?: readonly (Hex | readonly Hex[] | null)[];
}

/** The methods of a node whose chain is known beforehand and grows up to a head that is set from outside. */
export class Node {
  private readonly chain: Chain;
  private readonly numbers = new Map<Hex, number>();
  private readonly transactions = new Map<Hex, [block: number, index: number]>();
  private readonly listeners = new Set<(header: string) => void>();
  private head: number;

  constructor(chain: Chain) {
    this.chain = chain;
    this.head = chain.last;
    for (const [number, { hash, transactions }] of chain.blocks.entries()) {
      this.numbers.set(hash, number);
      for (const [index, { hash }] of transactions.entries()) this.transactions.set(hash, [number, index]);
    }
  }

  /** Told the header of each new head. */
  onHead(listener: (header: string) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  setHead(number: number): void {
    if (!this.chain.blocks[number]) throw new Refusal(-32602, `There is no block ${number}.`);
    this.head = number;
    for (const listener of this.listeners) listener(this.block(number).header);
  }

  /** @returns JSON. @throws {Refusal} */
  answer(method: string, params: readonly unknown[]): string {
    switch (method) {
      case 'eth_chainId':
        return `"0x${CHAIN_ID.toString(16)}"`;
      case 'net_version':
        return `"${CHAIN_ID}"`;
      case 'eth_blockNumber':
        return `"0x${this.head.toString(16)}"`;
      case 'eth_getBlockByNumber':
        return this.tellBlock(this.numberOf(params[0] as string), params[1] === true);
      case 'eth_getBlockByHash':
        return this.tellBlock(this.numbers.get(params[0] as Hex) ?? null, params[1] === true);
      case 'eth_getTransactionByHash':
        return this.tellTransaction(params[0] as Hex);
      case 'eth_getLogs':
        return this.tellLogs(params[0] as LogFilter);
      case 'eth_call':
        return tellCall(params[0] as { data?: Hex });
      default:
        throw new Refusal(-32601, `There is no method ${method}.`);
    }
  }

  private block(number: number): StoredBlock {
    return this.chain.blocks[number] as StoredBlock;
  }

  /** Null of one that is not there yet. Everything is safe and final. */
  private numberOf(tag: string): number | null {
    if (tag === 'earliest') return 0;
    const number = tag.startsWith('0x') ? Number(tag) : this.head;
    return number > this.head ? null : number;
  }

  private tellBlock(number: number | null, whole: boolean): string {
    if (number === null || number > this.head) return 'null';
    const { header, transactions } = this.block(number);
    const told = transactions.map(({ hash, json }) => (whole ? json : `"${hash}"`));
    return `${header.slice(0, -1)},"transactions":[${told.join()}]}`;
  }

  private tellTransaction(hash: Hex): string {
    const [block, index] = this.transactions.get(hash) ?? [this.head + 1, 0];
    return block > this.head ? 'null' : (this.block(block).transactions[index]?.json ?? 'null');
  }

  private tellLogs({ fromBlock = 'latest', toBlock = 'latest', blockHash, address, topics = [] }: LogFilter): string {
    const addresses = typeof address === 'string' ? [address] : address;
    if (addresses && !addresses.some((one) => one.toLowerCase() === ENGINE)) return '[]';
    const single = blockHash && this.numbers.get(blockHash);
    const from = single ?? this.numberOf(fromBlock);
    const to = single ?? this.numberOf(toBlock) ?? this.head;
    if (from === null) return '[]';
    const wanted = topics.map((topic) =>
      topic === null ? null : new Set(typeof topic === 'string' ? [topic] : topic),
    );
    const told: string[] = [];
    for (let number = from; number <= to; number++) {
      for (const { topics, json } of this.block(number).logs) {
        if (!wanted.every((set, place) => set === null || set.has(topics[place] as Hex))) continue;
        if (told.length === MOST_LOGS) {
          const range = `[0x${from.toString(16)}, 0x${(number - 1).toString(16)}]`;
          throw new Refusal(
            -32005,
            `query returned more than ${MOST_LOGS} results. Try with this block range ${range}.`,
          );
        }
        told.push(json);
      }
    }
    return `[${told.join()}]`;
  }
}

function tellCall({ data = '0x' }: { data?: Hex }): string {
  if (!data.startsWith(GET_MARKET)) throw new Refusal(-32000, `The bench has no answer to the call ${data}.`);
  return `"${NEW_MARKET}"`;
}
