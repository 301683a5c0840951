import { derivativesEngineAbi, priceOracleAbi } from '@tidemark/sdk';
import {
  type Abi,
  type AbiEvent,
  type AbiFunction,
  type AbiParameter,
  createClient,
  custom,
  decodeAbiParameters,
  decodeFunctionData,
  deploylessCallViaBytecodeBytecode,
  encodeAbiParameters,
  encodeEventTopics,
  encodeFunctionResult,
  type Hash,
  type Hex,
  keccak256,
  multicall3Abi,
  numberToHex,
  size,
  toFunctionSelector,
  toHex,
} from 'viem';

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

/** Bytes of a contract's code, as which what is not deployed returns its result, at most; of its creation twice that. */
const MAX_CODE = 24_576;
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
  /** What views answer at a block, by name, in place of zeros. */
  views: Record<string, (args: readonly unknown[], block: bigint) => unknown> = {};
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
    const [what, at] = (params ?? []) as [never, { blockHash: Hash } | 'latest'];
    this.asked.push({ method, what });
    this.onRequest(method);
    if (method === 'eth_getBlockByNumber') return this.#block(what);
    if (method === 'eth_getLogs') return this.#logs(what);
    if (method === 'eth_call') return this.#call(what, at);
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

  /** A view, or many through a multicall that is not deployed. */
  #call({ to, data }: { to?: Hex; data: Hex }, at: { blockHash: Hash } | 'latest'): Hex {
    const block = at === 'latest' ? this.blocks.at(-1) : this.blocks.find(({ hash }) => hash === at.blockHash);
    if (!block) throw new Error('header not found');
    if (to) return this.#view(data, block.number);
    const given = `0x${data.slice(deploylessCallViaBytecodeBytecode.length)}` as const;
    const [, inner] = decodeAbiParameters([{ type: 'bytes' }, { type: 'bytes' }], given);
    const { args } = decodeFunctionData({ abi: multicall3Abi, data: inner });
    const calls = (args as readonly unknown[])[0] as readonly { callData: Hex }[];
    const result = calls.map(({ callData }) => ({ success: true, returnData: this.#view(callData, block.number) }));
    const answer = encodeFunctionResult({ abi: multicall3Abi, functionName: 'aggregate3', result });
    if (size(answer) > MAX_CODE || size(data) > 2 * MAX_CODE) throw new Error('max code size exceeded');
    return answer;
  }

  #view(data: Hex, block: bigint): Hex {
    const item = VIEWS.get(data.slice(0, 10) as Hex) as AbiFunction;
    const { name: functionName } = item;
    const given = item.inputs.length > 0 ? decodeAbiParameters(item.inputs, `0x${data.slice(10)}`) : [];
    const args = given as readonly unknown[];
    const result = this.views[functionName]?.(args, block) ?? zeroOf(item.outputs[0] as AbiParameter);
    return encodeFunctionResult({ abi: [item], functionName, result: result as never });
  }
}

const ABI: Abi = [...derivativesEngineAbi, ...priceOracleAbi];
const VIEWS = new Map(
  ABI.filter((item): item is AbiFunction => item.type === 'function').map((item) => [toFunctionSelector(item), item]),
);

/** What a value of a type is when all of it is zero. */
function zeroOf(parameter: AbiParameter): unknown {
  const { type } = parameter;
  if (type === 'tuple') {
    const { components } = parameter as { components: readonly AbiParameter[] };
    return Object.fromEntries(components.map((one) => [one.name, zeroOf(one)]));
  }
  if (type === 'bool') return false;
  if (type.endsWith(']')) return [];
  if (type === 'address') return ENGINE;
  return type.startsWith('bytes') ? toHex(0, { size: 32 }) : 0n;
}

/** An event of the engine, with zeros for what is not given. */
export function logOf(eventName: string, given: Record<string, unknown> = {}): DoubleLog {
  const isIt = (item: Abi[number]): item is AbiEvent => item.type === 'event' && item.name === eventName;
  const { inputs } = ABI.find(isIt) as AbiEvent;
  const take = (input: AbiParameter) => given[input.name as string] ?? zeroOf(input);
  const args = Object.fromEntries(inputs.map((input) => [input.name, take(input)]));
  const plain = inputs.filter(({ indexed }) => !indexed);
  return {
    topics: encodeEventTopics({ abi: ABI, eventName, args }) as Hex[],
    data: encodeAbiParameters(plain, plain.map(take)),
  };
}
