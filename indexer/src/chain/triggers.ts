import type { Hex, RpcLog } from 'viem';
import type { DataSource, EventHandler } from '../build/manifest.ts';
import type { BlockInfo, ReceiptInfo, TransactionInfo, Trigger } from '../wasm/host.ts';
import { decodeLog } from './abiValues.ts';
import type { LogFilter } from './chain.ts';

/** All that handlers of a block may want to know of it. */
export interface BlockData {
  readonly info: BlockInfo;
  /** In their order. */
  readonly logs: readonly RpcLog[];
  /** Those with logs, by their hashes. */
  readonly transactions: ReadonlyMap<string, TransactionInfo>;
  /** Where a handler asks for them. */
  readonly receipts: ReadonlyMap<string, ReceiptInfo>;
}

/** One run of a handler. */
export interface Call {
  readonly source: DataSource;
  readonly handler: string;
  readonly trigger: Trigger;
}

/** The logs that data sources listen to. */
export function filterOf(sources: readonly DataSource[]): LogFilter {
  const listening = sources.filter(({ eventHandlers }) => eventHandlers.length > 0);
  const addresses = listening.map(({ address }) => address);
  return {
    addresses: addresses.includes(null) ? null : ([...new Set(addresses)] as Hex[]),
    topics: [...new Set(listening.flatMap(({ eventHandlers }) => eventHandlers.map(({ topic0 }) => topic0)))],
  };
}

/** The handler of a source for a log; undefined when it has none, or does not see that block. */
function handlersOf(source: DataSource, log: RpcLog, number: bigint): readonly EventHandler[] {
  if (source.address !== null && source.address !== log.address.toLowerCase()) return [];
  if (!sees(source, number)) return [];
  return source.eventHandlers.filter(
    ({ topic0, topics }) =>
      topic0 === log.topics[0] &&
      topics.every((values, i) => values === null || values.includes(log.topics[i + 1] as Hex)),
  );
}

const sees = ({ startBlock, endBlock }: DataSource, number: bigint) =>
  startBlock <= number && (endBlock === null || number <= endBlock);

/** Whether any source handles a log. */
export const isHandled = (sources: readonly DataSource[], log: RpcLog) =>
  sources.some((source) => handlersOf(source, log, BigInt(log.blockNumber as Hex)).length > 0);

/** Whether a handler of a log asks for its transaction's receipt. */
export const wantsReceipt = (sources: readonly DataSource[], log: RpcLog) =>
  sources.some((source) => handlersOf(source, log, BigInt(log.blockNumber as Hex)).some(({ receipt }) => receipt));

/** The handlers of a source that a block itself calls. @param once Those of a source's beginning, else the others. */
function blockHandlersOf(source: DataSource, number: bigint, once: boolean): readonly string[] {
  if (!sees(source, number)) return [];
  const due = source.blockHandlers.filter(({ blocks }) => {
    if (blocks.kind === 'once') return once && number === source.startBlock;
    return !once && (blocks.kind === 'all' || (number - source.startBlock) % blocks.n === 0n);
  });
  return due.map(({ handler }) => handler);
}

/** Whether a block calls a handler, whatever its logs. */
export const isHandledBlock = (sources: readonly DataSource[], number: bigint) =>
  sources.some((source) => [true, false].some((once) => blockHandlersOf(source, number, once).length > 0));

/**
 * The handlers of a block in graph-node's order: those of a source's beginning; those of events, log by log, for one log by
 * the order of the sources; those of the block. A log that does not decode is passed over.
 */
export function* callsOf(data: BlockData, sources: readonly DataSource[]): Generator<Call> {
  const { info } = data;
  yield* blockCalls(info, sources, true);
  for (const log of data.logs) {
    for (const source of sources) {
      for (const { handler, event, receipt } of handlersOf(source, log, info.number)) {
        const decoded = decodeLog(event, log);
        if (!decoded) continue;
        const hash = log.transactionHash as string;
        const trigger: Trigger = {
          kind: 'event',
          address: log.address.toLowerCase(),
          logIndex: BigInt(log.logIndex as Hex),
          block: info,
          transaction: data.transactions.get(hash) as TransactionInfo,
          receipt: receipt ? (data.receipts.get(hash) ?? null) : null,
          arguments: decoded,
        };
        yield { source, handler, trigger };
        break;
      }
    }
  }
  yield* blockCalls(info, sources, false);
}

function* blockCalls(block: BlockInfo, sources: readonly DataSource[], once: boolean): Generator<Call> {
  for (const source of sources) {
    for (const handler of blockHandlersOf(source, block.number, once)) {
      yield { source, handler, trigger: { kind: 'block', block } };
    }
  }
}
