import {
  batchOf,
  derivativesEngineAbi,
  marketOf,
  positionLiquidationOf,
  tradeFillOf,
  unpackOrder,
} from '@tidemark/sdk';
import { FixedPoint } from '@tidemark/sdk/math';
import { type Hex, parseEventLogs } from 'viem';
import { getBlock, getTransactionReceipt } from 'viem/actions';
import { create } from 'zustand';
import type { Config } from '../config.ts';
import { batchKey, type CommittedOrder, type Settlement, type Trade } from '../features/orders/model.ts';
import { type Entry, foldEntry, noEntry } from '../features/positions/entry.ts';
import type { ChainClient } from './client.ts';
import { type AccountLog, accountLogs } from './events.ts';

/** A movement of USDC into or out of the account. USD, 18 decimals. */
export interface Transfer {
  kind: 'deposit' | 'withdrawal';
  amount: bigint;
  at: number;
  hash: Hex;
}

/** A trade that was not a committed order: an immediate close or a liquidation. */
export interface Closing extends Trade {
  kind: 'closed' | 'liquidated';
  market: number;
}

/** What closing the whole account by force cost it. USD, 18 decimals. */
export interface Liquidation {
  reward: bigint;
  penalty: bigint;
  /** Realised margin it left. */
  margin: bigint;
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
  liquidations: readonly Liquidation[];
}

export const emptyHistory = (account: Hex | null): History => ({
  account,
  block: -1n,
  orders: [],
  settlements: new Map(),
  entries: new Map(),
  transfers: [],
  closings: [],
  liquidations: [],
});

/** `problem`: the last try to read the events failed; what is here is older than it could be. */
export const useHistory = create<History & { problem: boolean }>(() => ({ ...emptyHistory(null), problem: false }));

/** Funding index a transaction left in a market. */
async function fundingIn(client: ChainClient, hash: Hex, market: bigint): Promise<bigint | null> {
  const { logs } = await getTransactionReceipt(client, { hash });
  const updates = parseEventLogs({ abi: derivativesEngineAbi, eventName: ['MarketUpdated', 'BatchesSettled'], logs });
  const update = updates.find(({ args }) => args.market === market);
  return update ? marketOf(update.args).funding : null;
}

type TradeLog = Extract<AccountLog, { eventName: 'OrderFilled' | 'PositionClosed' }>;

const settle = (
  { settlements }: History,
  market: bigint,
  index: bigint,
  settlement: Settlement,
): History['settlements'] => {
  const key = batchKey(Number(market), index);
  return new Map(settlements).set(key, [...(settlements.get(key) ?? []), settlement]);
};

/** @param funding Of the market after the trade; needed only where it crosses zero. */
function applyTrade(history: History, log: TradeLog, at: number, funding: bigint | null): History {
  const { market: id, sizeDelta, cost, fee, poolPays: realised, size, cash, index } = tradeFillOf(log.args);
  const market = Number(id);
  const trade = { sizeDelta, cost, fee, realised, at, hash: log.transactionHash };
  const committed =
    log.eventName === 'OrderFilled' && history.orders.find((order) => order.market === market && order.index === index);
  const change = { sizeDelta, cost, fee: fee + (committed ? committed.keeperFee : 0n), size, cash, funding };
  const before = history.entries.get(market) ?? noEntry;
  const entries = new Map(history.entries).set(market, foldEntry(before, change));
  if (log.eventName === 'PositionClosed') {
    return { ...history, entries, closings: [...history.closings, { kind: 'closed', market, ...trade }] };
  }
  return { ...history, entries, settlements: settle(history, id, index, { kind: 'filled', ...trade }) };
}

/** @param funding Of the market; needed only for a liquidation. */
function applyLog(history: History, log: Exclude<AccountLog, TradeLog>, at: number, funding: bigint | null): History {
  const hash = log.transactionHash;
  switch (log.eventName) {
    case 'BatchCommitted': {
      const { market, index, feeCents, orders } = batchOf(log.args);
      const keeperFee = feeCents * 10n ** 16n;
      const where = { market: Number(market), index, keeperFee, committedAt: at, block: log.blockNumber, hash };
      const mine = orders.flatMap((order, place) =>
        order.account === history.account ? [{ ...unpackOrder(order), ...where, place }] : [],
      );
      return { ...history, orders: [...history.orders, ...mine] };
    }
    case 'OrderFailed': {
      const { market, index, reason } = log.args;
      return { ...history, settlements: settle(history, market, index, { kind: 'failed', reason, at, hash }) };
    }
    case 'OrderReleased': {
      const { market, index } = log.args;
      return { ...history, settlements: settle(history, market, index, { kind: 'released', at, hash }) };
    }
    case 'PositionLiquidated': {
      const { sizeDelta, cost, size, cash, account } = positionLiquidationOf(log.args);
      const market = Number(log.args.market);
      const before = history.entries.get(market) ?? noEntry;
      const moved = before.size === 0n ? 0n : (before.cash * sizeDelta) / -before.size;
      const realised = FixedPoint.divFloor(moved + sizeDelta * (funding ?? 0n) - cost, FixedPoint.RAW_PER_WAD);
      const closing = { kind: 'liquidated', market, sizeDelta, cost, fee: 0n, realised, at, hash } as const;
      const entry = foldEntry(before, { sizeDelta, cost, fee: 0n, size, cash, funding });
      const entries = new Map(history.entries).set(market, entry);
      const liquidations = account ? [...history.liquidations, { ...account, hash }] : history.liquidations;
      // Nothing is closed where deleveraging had left no size: its cash is realised only.
      const closings = sizeDelta === 0n ? history.closings : [...history.closings, closing];
      return { ...history, entries, closings, liquidations };
    }
    case 'Deposited':
    case 'Withdrawn': {
      const kind = log.eventName === 'Deposited' ? 'deposit' : 'withdrawal';
      return { ...history, transfers: [...history.transfers, { kind, amount: log.args.amount, at, hash }] };
    }
  }
}

const isTrade = (log: AccountLog): log is TradeLog =>
  log.eventName === 'OrderFilled' || log.eventName === 'PositionClosed';

/**
 * A trade across zero and a liquidation are told whole only with the market's funding at that time.
 * @returns Of which market it is needed; null when of none.
 */
function fundingNeeded({ entries }: History, log: AccountLog): bigint | null {
  if (log.eventName === 'PositionLiquidated') return log.args.market;
  if (!isTrade(log)) return null;
  const { market, size } = tradeFillOf(log.args);
  const before = entries.get(Number(market))?.size ?? 0n;
  return size !== 0n && before !== 0n && before > 0n !== size > 0n ? market : null;
}

/**
 * Adds the events of the blocks after `history.block` up to `to`.
 * @param history Of the same account.
 */
export async function extendHistory(
  client: ChainClient,
  config: Config,
  history: History,
  to: bigint,
): Promise<History> {
  const { account } = history;
  if (!account) return { ...history, block: to };
  const read = new Set(history.orders.map(({ market, index }) => batchKey(market, index)));
  const known = (market: bigint, index: bigint) => read.has(batchKey(Number(market), index));
  const logs = await accountLogs(client, config, { account, from: history.block + 1n, to, known });
  const blocks = [...new Set(logs.map(({ blockNumber }) => blockNumber))];
  const times = new Map(
    await Promise.all(
      blocks.map(
        async (blockNumber) => [blockNumber, Number((await getBlock(client, { blockNumber })).timestamp)] as const,
      ),
    ),
  );
  let next = history;
  for (const log of logs) {
    const at = times.get(log.blockNumber) ?? 0;
    const market = fundingNeeded(next, log);
    const funding = market === null ? null : await fundingIn(client, log.transactionHash, market);
    next = isTrade(log) ? applyTrade(next, log, at, funding) : applyLog(next, log, at, funding);
  }
  return { ...next, block: to };
}
