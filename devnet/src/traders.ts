import {
  accountId,
  commit,
  commitSigned,
  derivativesEngineAbi,
  marketOrder,
  momentAt,
  type OrderFields,
  signOrder,
} from '@tidemark/sdk';
import type { Address } from 'viem';
import type { ACCOUNTS } from './accounts.ts';
import type { connect } from './chain.ts';
import { generator } from './random.ts';

export { generator };

type Trader = (typeof ACCOUNTS.traders)[number];

/** A market as traders see it. */
export interface TradedMarket {
  readonly id: number;
  /** Present price, USD, 8 decimals; undefined while there is none. */
  price(): bigint | undefined;
}

/** Chain seconds between a trader's orders. */
const PAUSE = 20;
/** Notional of an order, USD. */
const NOTIONALS = [500n, 1000n, 2500n, 4000n] as const;
/** Of a trader's orders the share that it signs, and the share that its delegate commits. */
const SIGNED = 0.2;
const DELEGATED = 0.2;
const GAS = 500_000n;

/**
 * A simple trader, so that the exchange is alive: now and then a small order, more often against its position. Most it
 * commits itself; some it signs for the delegate to bring, some the delegate commits for it.
 * @returns Called after each block with chain time.
 */
export function simpleTrader(
  client: ReturnType<typeof connect<Trader>>,
  delegate: ReturnType<typeof connect<typeof ACCOUNTS.delegate>>,
  engine: Address,
  markets: readonly TradedMarket[],
  seed: number,
): (now: number) => Promise<void> {
  const random = generator(seed);
  const account = accountId(client.account.address, 0n);
  let due = 0;
  let busy = false;

  async function place(market: bigint, order: OrderFields, now: number): Promise<void> {
    const way = random();
    if (way < SIGNED) {
      const signed = await signOrder(client, { engine, market, order: { ...order, ...momentAt(BigInt(now)) } });
      await commitSigned(delegate, { engine, market, orders: [signed], gas: GAS });
    } else {
      const by = way < SIGNED + DELEGATED ? delegate : client;
      await commit(by, { engine, market, orders: [order], gas: GAS });
    }
  }

  return async (now) => {
    if (busy || now < due) return;
    due = now + PAUSE + Math.floor(random() * PAUSE);
    const market = markets[Math.floor(random() * markets.length)];
    const price = market?.price();
    if (!market || !price) return;
    busy = true;
    try {
      const id = BigInt(market.id);
      const position = await client.readContract({
        address: engine,
        abi: derivativesEngineAbi,
        functionName: 'getPosition',
        args: [account, id],
      });
      const notional = NOTIONALS[Math.floor(random() * NOTIONALS.length)] ?? 500n;
      const size = (notional * 10n ** 20n) / price;
      const buys = random() < (position.size > 0n ? 0.3 : 0.7);
      await place(id, marketOrder({ account, sizeDelta: buys ? size : -size }), now);
    } catch {
      // A refused order, for instance for want of margin, is a trader's everyday; the next one comes.
    } finally {
      busy = false;
    }
  };
}
