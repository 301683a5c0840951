import { type Address, type Hash, type Hex, type Log, parseEventLogs } from 'viem';
import { getContractEvents } from 'viem/actions';
import { derivativesEngineAbi } from '../abi/index.ts';
import {
  describeFailure,
  describeOrderRefusal,
  type FailureName,
  failureName,
  type OrderRefusalName,
  onChain,
  orderRefusalName,
} from '../errors/index.ts';
import { decodeSigned, type SignedOrder } from '../orders/signedOrders.ts';
import type { AnyClient } from './engine.ts';
import { batchOf, type Batch as CommittedBatch, tradeFillOf } from './eventWords.ts';

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
  /** Its trigger was not met at its price: the keeper fee is back, and what was signed with the nonce can be committed again. */
  | { status: 'released'; nonce: bigint }
);

/** What became of the orders that these logs settle, in the order of the queue. */
export function getOrderOutcomes(parameters: { engine: Address; logs: readonly Log[] }): OrderOutcome[] {
  const outcomes: OrderOutcome[] = [];
  for (const { eventName, args, transactionHash } of parseEngineEvents(parameters)) {
    if (eventName === 'OrderFilled') {
      const { account } = args;
      const { market, index, sizeDelta, cost, fee } = tradeFillOf(args);
      outcomes.push({ status: 'filled', market, account, index, transaction: transactionHash, sizeDelta, cost, fee });
    } else if (eventName === 'OrderFailed') {
      const { market, account, index } = args;
      const reason = failureName(args.reason);
      const sentence = describeFailure(args.reason);
      outcomes.push({ status: 'failed', market, account, index, transaction: transactionHash, reason, ...sentence });
    } else if (eventName === 'OrderReleased') {
      outcomes.push({ status: 'released', ...args, transaction: transactionHash });
    }
  }
  return outcomes;
}

/** A signed order that a commit did not take, while it took others. */
export interface OrderLeftOut {
  market: bigint;
  account: Hex;
  /** Zero of an order of the moment. */
  nonce: bigint;
  reason: OrderRefusalName;
  what: string;
  next: string;
}

/** The orders that the commits of these logs left out. */
export function getOrdersLeftOut(parameters: { engine: Address; logs: readonly Log[] }): OrderLeftOut[] {
  return parseEngineEvents(parameters).flatMap(({ eventName, args }) => {
    if (eventName !== 'OrderLeftOut') return [];
    const { market, account, nonce, reason, actual, limit } = args;
    const { what, next } = describeOrderRefusal(reason, actual, limit);
    return [{ market, account, nonce, reason: orderRefusalName(reason), what, next }];
  });
}

/** A stretch of blocks, both ends inclusive. */
interface Stretch {
  engine: Address;
  fromBlock: bigint;
  toBlock: bigint;
}

/** A committed batch, and where it was. */
export interface Batch extends CommittedBatch {
  blockNumber: bigint;
}

/** The batches committed in a stretch of blocks. @throws {TidemarkError} */
export async function getBatches(client: AnyClient, { engine, ...stretch }: Stretch): Promise<Batch[]> {
  const event = { address: engine, abi: derivativesEngineAbi, eventName: 'BatchCommitted', strict: true } as const;
  const logs = await onChain(() => getContractEvents(client, { ...event, ...stretch }));
  return logs.map(({ args, blockNumber }) => ({ ...batchOf(args), blockNumber }));
}

/**
 * The signed orders announced in a stretch of blocks, whether or not they can be committed.
 * @throws {TidemarkError}
 */
export async function getAnnouncedOrders(client: AnyClient, { engine, ...stretch }: Stretch): Promise<SignedOrder[]> {
  const event = { address: engine, abi: derivativesEngineAbi, eventName: 'OrdersAnnounced', strict: true } as const;
  const logs = await onChain(() => getContractEvents(client, { ...event, ...stretch }));
  return logs.flatMap(({ args: { market, ...shown } }) => decodeSigned(shown).map((order) => ({ market, ...order })));
}
