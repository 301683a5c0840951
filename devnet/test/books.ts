import {
  type AnyClient,
  accountId,
  batchOf,
  getAccount,
  getMarket,
  getPosition,
  getQueue,
  getSolvency,
  parseEngineEvents,
  positionLiquidationOf,
  tradeFillOf,
} from '@tidemark/sdk';
import type { Address, Hex } from 'viem';
import { getBlock, getLogs } from 'viem/actions';
import { ACCOUNTS } from '../src/accounts.ts';

/** Seconds; as in EngineStorage.sol. */
const INCLUSION_WINDOW = 60n;

export interface Books {
  batches: number;
  orders: number;
  filled: number;
  failed: number;
  released: number;
  expired: number;
}

interface Scope {
  engine: Address;
  markets: number;
  firstBlock: bigint;
  /** All that trade; those of the devnet's traders unless told. */
  accounts?: readonly Hex[];
  /** Whether batches may have expired. */
  mayExpire?: boolean;
}

/**
 * Compares what was committed with what became of it.
 * @throws {Error} when an order is lost, was filled twice, or the ledger does not add up.
 */
export async function checkBooks(client: AnyClient, scope: Scope): Promise<Books> {
  const { engine, firstBlock, mayExpire = false } = scope;
  const logs = await getLogs(client, { address: engine, fromBlock: firstBlock, toBlock: 'latest' });
  const due = new Map<string, number>();
  const committed = new Map<string, readonly Hex[]>();
  const sizes = new Map<string, bigint>();
  const books: Books = { batches: 0, orders: 0, filled: 0, failed: 0, released: 0, expired: 0 };
  const change = (market: bigint, account: Hex, sizeDelta: bigint) => {
    const position = `${market} ${account}`;
    sizes.set(position, (sizes.get(position) ?? 0n) + sizeDelta);
  };
  for (const { eventName, args } of parseEngineEvents({ engine, logs })) {
    if (eventName === 'BatchCommitted') {
      books.batches++;
      const { market, index, orders } = batchOf(args);
      committed.set(
        `${market} ${index}`,
        orders.map(({ account }) => account),
      );
      for (const { account } of orders) {
        books.orders++;
        const key = `${market} ${index} ${account}`;
        due.set(key, (due.get(key) ?? 0) + 1);
      }
    } else if (eventName === 'OrderFilled' || eventName === 'OrderFailed' || eventName === 'OrderReleased') {
      const { market, index } = eventName === 'OrderFilled' ? tradeFillOf(args) : args;
      const key = `${market} ${index} ${args.account}`;
      due.set(key, (due.get(key) ?? 0) - 1);
      if (eventName === 'OrderFailed') books.failed++;
      if (eventName === 'OrderReleased') books.released++;
      if (eventName === 'OrderFilled') {
        books.filled++;
        change(market, args.account, tradeFillOf(args).sizeDelta);
      }
    } else if (eventName === 'PositionLiquidated') {
      change(args.market, args.account, positionLiquidationOf(args).sizeDelta);
    } else if (eventName === 'BatchesExpired') {
      const { market, from, to } = args;
      if (!mayExpire) throw new Error(`Batches ${from} to ${to} of market ${market} expired.`);
      for (let index = from; index < to; index++) {
        for (const account of committed.get(`${market} ${index}`) ?? []) {
          const key = `${market} ${index} ${account}`;
          due.set(key, (due.get(key) ?? 0) - 1);
          books.expired++;
        }
      }
    }
  }
  for (const [order, count] of due) {
    if (count !== 0) throw new Error(`${order}: ${count > 0 ? 'lost' : 'settled twice'}.`);
  }
  await checkLedger(client, scope, sizes);
  return books;
}

async function checkLedger(
  client: AnyClient,
  { engine, markets, mayExpire, accounts = ACCOUNTS.traders.map(({ address }) => accountId(address)) }: Scope,
  sizes: ReadonlyMap<string, bigint>,
): Promise<void> {
  const { timestamp } = await getBlock(client);
  for (let id = 0; id < markets; id++) {
    const market = BigInt(id);
    const [{ head, tail, escrow }, { longs, shorts }] = await Promise.all([
      getQueue(client, { engine, market }),
      getMarket(client, { engine, market }),
    ]);
    expectEqual(`orders waiting in market ${id}`, BigInt(tail - head), 0n);
    expectEqual(`escrow of market ${id}`, escrow, 0n);
    let [long, short] = [0n, 0n];
    for (const account of accounts) {
      const { size } = await getPosition(client, { engine, account, market });
      expectEqual(`size of ${account} in market ${id}`, size, sizes.get(`${market} ${account}`) ?? 0n);
      if (size > 0n) long += size;
      else short -= size;
    }
    expectEqual(`open interest of longs in market ${id}`, longs, long);
    expectEqual(`open interest of shorts in market ${id}`, shorts, short);
  }
  for (const account of accounts) {
    const { pending, committedAt } = await getAccount(client, { engine, account });
    // What has expired binds its account no longer, but shows in it until the next commit.
    const over = mayExpire && timestamp > BigInt(committedAt) + INCLUSION_WINDOW;
    expectEqual(`pending of ${account}`, over ? 0n : BigInt(pending), 0n);
  }
  const { balance, custody } = await getSolvency(client, { engine });
  expectEqual('tokens held', balance, custody);
}

function expectEqual(what: string, actual: bigint, expected: bigint): void {
  if (actual !== expected) throw new Error(`${what}: ${actual} instead of ${expected}.`);
}
