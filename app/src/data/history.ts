import { derivativesEngineAbi } from '@tidemark/sdk';
import { type Hex, parseEventLogs } from 'viem';
import { getBlock, getLogs, getTransactionReceipt } from 'viem/actions';
import { create } from 'zustand';
import type { Config } from '../config.ts';
import { batchKey, type CommittedOrder, type Settlement } from '../features/orders/model.ts';
import { type Entry, foldEntry, noEntry, type PositionChange } from '../features/positions/entry.ts';
import type { ChainClient } from './client.ts';

/** A movement of USDC into or out of the account. USD, 18 decimals. */
export interface Transfer {
  kind: 'deposit' | 'withdrawal';
  amount: bigint;
  at: number;
  hash: Hex;
}

/** A trade that was not a committed order: an immediate close or a liquidation. */
export interface Closing {
  kind: 'closed' | 'liquidated';
  market: number;
  sizeDelta: bigint;
  cost: bigint;
  fee: bigint;
  at: number;
  hash: Hex;
}

/** What events tell of one account, up to `block`. */
export interface History {
  account: Hex | null;
  block: bigint;
  orders: readonly CommittedOrder[];
  settlements: ReadonlyMap<string, readonly Settlement[]>;
  entries: ReadonlyMap<number, Entry>;
  transfers: readonly Transfer[];
  closings: readonly Closing[];
}

export const emptyHistory = (account: Hex | null): History => ({
  account,
  block: -1n,
  orders: [],
  settlements: new Map(),
  entries: new Map(),
  transfers: [],
  closings: [],
});

export const useHistory = create<History>(() => emptyHistory(null));

const events = [
  'BatchCommitted',
  'OrderFilled',
  'OrderFailed',
  'PositionClosed',
  'PositionLiquidated',
  'LossDeferred',
  'Deposited',
  'Withdrawn',
] as const;

const eventAbi = derivativesEngineAbi.filter(
  (item): item is Extract<(typeof derivativesEngineAbi)[number], { type: 'event' }> => item.type === 'event',
);
const watched = eventAbi.filter(({ name }) => (events as readonly string[]).includes(name));

/** Funding index a transaction left in a market. */
async function fundingIn(client: ChainClient, hash: Hex, market: bigint): Promise<bigint | null> {
  const { logs } = await getTransactionReceipt(client, { hash });
  const updates = parseEventLogs({ abi: derivativesEngineAbi, eventName: 'MarketUpdated', logs });
  return updates.find(({ args }) => args.market === market)?.args.funding ?? null;
}

/**
 * Adds the events of the blocks after `history.block` up to `to`.
 * @param history Of the same account.
 */
export async function extendHistory(
  client: ChainClient,
  config: Config,
  history: History & { account: Hex },
  to: bigint,
): Promise<History> {
  const raw = await getLogs(client, {
    address: config.engine,
    events: watched,
    fromBlock: history.block + 1n,
    toBlock: to,
  });
  const logs = parseEventLogs({ abi: derivativesEngineAbi, eventName: [...events], logs: raw });
  const mine = logs.filter(({ eventName, args }) =>
    eventName === 'BatchCommitted'
      ? args.orders.some(({ account }) => account === history.account)
      : args.account === history.account,
  );
  const orders = [...history.orders];
  const settlements = new Map(history.settlements);
  const entries = new Map(history.entries);
  const transfers = [...history.transfers];
  const closings = [...history.closings];
  const times = new Map<bigint, Promise<number>>();
  const timeOf = (blockNumber: bigint): Promise<number> => {
    const known = times.get(blockNumber) ?? getBlock(client, { blockNumber }).then((block) => Number(block.timestamp));
    times.set(blockNumber, known);
    return known;
  };
  for (const log of mine) void timeOf(log.blockNumber);

  const change = (market: number, next: PositionChange) =>
    entries.set(market, foldEntry(entries.get(market) ?? noEntry, next));
  for (const log of mine) {
    const at = await timeOf(log.blockNumber);
    const hash = log.transactionHash;
    switch (log.eventName) {
      case 'BatchCommitted': {
        const { market, index } = log.args;
        log.args.orders.forEach(({ account, ...order }, place) => {
          if (account !== history.account) return;
          orders.push({
            ...order,
            market: Number(market),
            index,
            place,
            committedAt: at,
            block: log.blockNumber,
            hash,
          });
        });
        break;
      }
      case 'OrderFilled':
      case 'PositionClosed': {
        const { sizeDelta, cost, fee, size, cash } = log.args;
        const market = Number(log.args.market);
        const before = entries.get(market)?.size ?? 0n;
        const crosses = size !== 0n && before !== 0n && before > 0n !== size > 0n;
        const funding = crosses ? await fundingIn(client, hash, log.args.market) : null;
        change(market, { sizeDelta, cost, size, cash, funding });
        if (log.eventName === 'PositionClosed')
          closings.push({ kind: 'closed', market, sizeDelta, cost, fee, at, hash });
        else {
          const key = batchKey(market, log.args.index);
          settlements.set(key, [...(settlements.get(key) ?? []), { kind: 'filled', sizeDelta, cost, fee, at, hash }]);
        }
        break;
      }
      case 'OrderFailed': {
        const key = batchKey(Number(log.args.market), log.args.index);
        settlements.set(key, [...(settlements.get(key) ?? []), { kind: 'failed', reason: log.args.reason, at, hash }]);
        break;
      }
      case 'PositionLiquidated': {
        const { sizeDelta, cost } = log.args;
        const market = Number(log.args.market);
        entries.set(market, noEntry);
        closings.push({ kind: 'liquidated', market, sizeDelta, cost, fee: 0n, at, hash });
        break;
      }
      case 'Deposited':
      case 'Withdrawn': {
        const kind = log.eventName === 'Deposited' ? 'deposit' : 'withdrawal';
        transfers.push({ kind, amount: log.args.amount, at, hash });
        break;
      }
    }
  }
  return { account: history.account, block: to, orders, settlements, entries, transfers, closings };
}
