import type { RpcLog } from 'viem';
import type { DataSource } from '../build/manifest.ts';
import type { BlockInfo } from '../wasm/host.ts';
import { type Chain, ChainMoved, type FullBlock } from './chain.ts';
import { type BlockData, filterOf, isHandled, isHandledBlock, wantsReceipt } from './triggers.ts';

/** A piece of the chain, all of one moment. */
export interface Range {
  readonly from: bigint;
  readonly to: bigint;
  /** Of the block before. */
  readonly parentHash: string;
  /** Those that call handlers, and the last one, in their order. */
  readonly blocks: readonly BlockData[];
  readonly logs: number;
}

/**
 * Reads a range of blocks.
 * @throws {ChainMoved} When the chain moved meanwhile, so that what was read would be of two chains.
 */
export async function fetchRange(
  chain: Chain,
  sources: readonly DataSource[],
  { from, to }: { from: bigint; to: bigint },
): Promise<Range> {
  const last = await chain.header(to);
  if (!last) throw new ChainMoved(`Block ${to} is no longer there.`);
  const [first, logs] = await Promise.all([chain.header(from), chain.logs(filterOf(sources), { from, to })]);
  const ofBlocks = byBlock(logs.filter((log) => isHandled(sources, log)));
  const withoutLogs: bigint[] = [];
  if (sources.some(({ blockHandlers }) => blockHandlers.length > 0)) {
    const numbers = new Set([...ofBlocks.values()].map(([log]) => numberOf(log as RpcLog)));
    for (let number = from; number < to; number++) {
      if (!numbers.has(number) && isHandledBlock(sources, number)) withoutLogs.push(number);
    }
  }
  const [withLogs, others] = await Promise.all([fetchFull(chain, sources, ofBlocks), chain.headers(withoutLogs)]);
  // What happened between the two looks at the last block happened to one chain.
  const again = await chain.header(to);
  if (!first || again?.hash !== last.hash)
    throw new ChainMoved(`The chain moved while blocks ${from} to ${to} were read.`);
  const blocks = [...withLogs, ...others.map(empty), ...(ofBlocks.has(last.hash) ? [] : [empty(last)])];
  blocks.sort((a, b) => Number(a.info.number - b.info.number));
  return { from, to, parentHash: first.parentHash, blocks, logs: logs.length };
}

/**
 * Reads one block, by its hash.
 * @throws {ChainMoved} When it is no longer there.
 */
export async function fetchBlock(chain: Chain, sources: readonly DataSource[], header: BlockInfo): Promise<BlockData> {
  const logs = await chain.logs(filterOf(sources), { hash: header.hash });
  const handled = logs.filter((log) => isHandled(sources, log));
  if (handled.length === 0) return empty(header);
  const [block] = await fetchFull(chain, sources, new Map([[header.hash, handled]]));
  return block as BlockData;
}

/** Blocks with the transactions and receipts that their logs ask for. */
async function fetchFull(
  chain: Chain,
  sources: readonly DataSource[],
  logsOf: ReadonlyMap<string, readonly RpcLog[]>,
): Promise<BlockData[]> {
  const asking = [...logsOf.values()].flat().filter((log) => wantsReceipt(sources, log));
  const [blocks, receipts] = await Promise.all([
    chain.blocks([...logsOf.keys()]),
    chain.receipts([...new Set(asking.map(({ transactionHash }) => transactionHash as string))]),
  ]);
  return blocks.map(({ info, transactions }: FullBlock) => {
    const logs = logsOf.get(info.hash) ?? [];
    return { info, logs, transactions, receipts };
  });
}

function byBlock(logs: readonly RpcLog[]): Map<string, RpcLog[]> {
  const blocks = new Map<string, RpcLog[]>();
  for (const log of logs) {
    const hash = log.blockHash as string;
    const own = blocks.get(hash);
    if (own) own.push(log);
    else blocks.set(hash, [log]);
  }
  return blocks;
}

const numberOf = (log: RpcLog) => BigInt(log.blockNumber ?? 0);

const empty = (info: BlockInfo): BlockData => ({ info, logs: [], transactions: new Map(), receipts: new Map() });
