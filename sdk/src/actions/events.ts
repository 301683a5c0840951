import { type Address, type Hash, type Hex, type Log, parseEventLogs } from 'viem';
import { getContractEvents } from 'viem/actions';
import { derivativesEngineAbi } from '../abi/index.ts';
import { describeFailure, type FailureName, failureName, onChain } from '../errors/index.ts';
import type { Order } from '../math/engineTypes.ts';
import type { AnyClient } from './engine.ts';
import { tradeFillOf } from './eventWords.ts';

/** The engine's events among logs, decoded, in their order. Others' are passed over. */
export function parseEngineEvents({ engine, logs }: { engine: Address; logs: readonly Log[] }) {
  const own = logs.filter((log) => log.address.toLowerCase() === engine.toLowerCase());
  return parseEventLogs({ abi: derivativesEngineAbi, logs: own, strict: true });
}

export type EngineEvent = ReturnType<typeof parseEngineEvents>[number];

/** What became of one committed order. */
export type OrderOutcome = {
  market: bigint;
  account: Hex;
  /** The batch's place in the queue. */
  index: bigint;
  transaction: Hash | null;
} & (
  | {
      status: 'filled';
      /** Base units, 12 decimals, + bought; smaller than asked for when a cap left less room. */
      sizeDelta: bigint;
      /** USD, 30 decimals, + paid. */
      cost: bigint;
      /** USD, 18 decimals. */
      fee: bigint;
    }
  | { status: 'failed'; reason: FailureName; what: string; next: string }
);

/** What became of the orders that these logs settle, in the order of the queue. */
export function getOrderOutcomes(parameters: { engine: Address; logs: readonly Log[] }): OrderOutcome[] {
  const outcomes: OrderOutcome[] = [];
  for (const { eventName, args, transactionHash } of parseEngineEvents(parameters)) {
    if (eventName === 'OrderFilled') {
      const { market, account } = args;
      const { index, sizeDelta, cost, fee } = tradeFillOf(args);
      outcomes.push({ status: 'filled', market, account, index, transaction: transactionHash, sizeDelta, cost, fee });
    } else if (eventName === 'OrderFailed') {
      const { market, account, index } = args;
      const reason = failureName(args.reason);
      const sentence = describeFailure(args.reason);
      outcomes.push({ status: 'failed', market, account, index, transaction: transactionHash, reason, ...sentence });
    }
  }
  return outcomes;
}

/** A committed batch, as its event carries it. */
export interface Batch {
  market: number;
  index: bigint;
  orders: readonly Order[];
  blockNumber: bigint;
}

/** The batches committed in a stretch of blocks, both ends inclusive. @throws {TidemarkError} */
export async function getBatches(
  client: AnyClient,
  { engine, fromBlock, toBlock }: { engine: Address; fromBlock: bigint; toBlock: bigint },
): Promise<Batch[]> {
  const logs = await onChain(() =>
    getContractEvents(client, {
      address: engine,
      abi: derivativesEngineAbi,
      eventName: 'BatchCommitted',
      fromBlock,
      toBlock,
      strict: true,
    }),
  );
  return logs.map(({ args, blockNumber }) => ({
    market: Number(args.market),
    index: args.index,
    orders: args.orders,
    blockNumber,
  }));
}
