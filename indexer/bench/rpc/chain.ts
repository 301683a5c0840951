import { derivativesEngineAbi } from '@tidemark/sdk';
import { type Address, type Hex, keccak256, numberToHex, stringToHex, toEventSelector } from 'viem';
import { BLOCK_TIME, GENESIS, type PlainTransaction, Trading } from './trading.ts';

export interface ChainSize {
  readonly seed: number;
  readonly traders: number;
  /** Of those that both indexers handle, until which blocks are made. */
  readonly events: number;
  /** Blocks beyond. */
  readonly spare: number;
}

/** A log as `eth_getLogs` tells it. */
export interface StoredLog {
  readonly topics: readonly Hex[];
  readonly json: string;
}

/** A block, its parts as JSON. */
export interface StoredBlock {
  readonly hash: Hex;
  readonly header: string;
  readonly transactions: readonly { readonly hash: Hex; readonly json: string }[];
  readonly logs: readonly StoredLog[];
}

export const CHAIN_ID = 31_337;
/** The engine's; all events are of it. */
export const ENGINE: Address = numberToHex(0xe1, { size: 20 });
/** Events that tell of trades, positions and candles. */
export const HANDLED_BY_BOTH: readonly string[] = [
  'OrderFilled',
  'PositionClosed',
  'PositionLiquidated',
  'MarketUpdated',
  'BatchesSettled',
];
const SELECTORS: ReadonlySet<Hex | undefined> = new Set(
  derivativesEngineAbi.flatMap((item) =>
    item.type === 'event' && HANDLED_BY_BOTH.includes(item.name) ? [toEventSelector(item)] : [],
  ),
);

const ZERO = `0x${'0'.repeat(64)}`;
const NO_BLOOM = `0x${'0'.repeat(512)}`;

/** A chain, ready to be served. */
export interface Chain {
  readonly blocks: readonly StoredBlock[];
  /** The last block that counts, before the spare ones. */
  readonly last: number;
  /** Up to it: of those that both handle, and all. */
  readonly events: number;
  readonly allEvents: number;
}

export function makeChain(size: ChainSize): Chain {
  const trading = new Trading(size.seed, size.traders);
  const blocks: StoredBlock[] = [storedBlock(0, ZERO, [])];
  const add = (transactions: readonly PlainTransaction[]) => {
    const block = storedBlock(blocks.length, (blocks.at(-1) as StoredBlock).hash, transactions);
    blocks.push(block);
    return block.logs;
  };
  let [events, allEvents] = [0, 0];
  for (let logs = add(trading.begin()); ; logs = add(trading.next())) {
    allEvents += logs.length;
    for (const { topics } of logs) if (SELECTORS.has(topics[0])) events++;
    if (events >= size.events) break;
  }
  const last = blocks.length - 1;
  for (let left = size.spare; left > 0; left--) add(trading.next());
  return { blocks, last, events, allEvents };
}

const quoted = (fields: Record<string, unknown>) => JSON.stringify(fields);
const hex = (value: number | bigint) => numberToHex(value);

function storedBlock(number: number, parentHash: string, transactions: readonly PlainTransaction[]): StoredBlock {
  const hash = keccak256(stringToHex(`block ${number} after ${parentHash}`));
  const place = { blockNumber: hex(number), blockHash: hash };
  const timestamp = GENESIS + BigInt(number) * BLOCK_TIME;
  const logs: StoredLog[] = [];
  const stored = transactions.map(({ from, bytes, logs: emitted }, index) => {
    const transactionHash = keccak256(stringToHex(`transaction ${index} of ${hash}`));
    const transactionIndex = hex(index);
    for (const { topics, data } of emitted) {
      const logIndex = hex(logs.length);
      const where = { ...place, blockTimestamp: hex(timestamp), transactionHash, transactionIndex, logIndex };
      logs.push({ topics, json: quoted({ address: ENGINE, topics, data, ...where, removed: false }) });
    }
    return {
      hash: transactionHash,
      json: quoted({
        ...place,
        ...{ hash: transactionHash, transactionIndex, from, to: ENGINE, value: '0x0', nonce: hex(number) },
        ...{ gas: hex(2_000_000), gasPrice: hex(1_000_000), maxFeePerGas: hex(1_000_000), maxPriorityFeePerGas: '0x0' },
        ...{ type: '0x2', chainId: hex(CHAIN_ID), accessList: [], input: calldata(transactionHash, bytes) },
        ...{ v: '0x0', r: transactionHash, s: transactionHash, yParity: '0x0' },
      }),
    };
  });
  const header = quoted({
    ...{ number: hex(number), hash, parentHash, timestamp: hex(timestamp), logsBloom: NO_BLOOM },
    ...{
      sha3Uncles: ZERO,
      stateRoot: hash,
      transactionsRoot: hash,
      receiptsRoot: hash,
      mixHash: hash,
      extraData: '0x',
    },
    ...{ miner: ENGINE, nonce: '0x0000000000000000', difficulty: '0x0', totalDifficulty: '0x0', size: hex(4_000) },
    ...{
      gasLimit: hex(60_000_000),
      gasUsed: hex(400_000 * transactions.length),
      baseFeePerGas: hex(1_000_000),
      uncles: [],
    },
  });
  return { hash, header, transactions: stored, logs };
}

/** Bytes that no client reads. */
const calldata = (hash: Hex, bytes: number) =>
  `0x${hash
    .slice(2)
    .repeat(Math.ceil(bytes / 32))
    .slice(0, 2 * bytes)}`;
