import { accountId, derivativesEngineAbi } from '@tidemark/sdk';
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

/**
 * A simple trader, so that the exchange is alive: now and then a small order, more often against its position.
 * @returns Called after each block with chain time.
 */
export function simpleTrader(
  client: ReturnType<typeof connect<Trader>>,
  engine: Address,
  markets: readonly TradedMarket[],
  seed: number,
): (now: number) => Promise<void> {
  const random = generator(seed);
  const account = accountId(client.account.address, 0n);
  let due = 0;
  let busy = false;
  return async (now) => {
    if (busy || now < due) return;
    due = now + PAUSE + Math.floor(random() * PAUSE);
    const market = markets[Math.floor(random() * markets.length)];
    const price = market?.price();
    if (!market || !price) return;
    busy = true;
    try {
      const position = await client.readContract({
        address: engine,
        abi: derivativesEngineAbi,
        functionName: 'getPosition',
        args: [account, BigInt(market.id)],
      });
      const notional = NOTIONALS[Math.floor(random() * NOTIONALS.length)] ?? 500n;
      const size = (notional * 10n ** 20n) / price;
      const buys = random() < (position.size > 0n ? 0.3 : 0.7);
      await client.writeContract({
        address: engine,
        abi: derivativesEngineAbi,
        functionName: 'commit',
        args: [
          BigInt(market.id),
          [{ account, sizeDelta: buys ? size : -size, limitPrice: buys ? 2n ** 96n - 1n : 0n, reduceOnly: false }],
        ],
        gas: 400_000n,
      });
    } catch {
      // A refused order, for instance for want of margin, is a trader's everyday; the next one comes.
    } finally {
      busy = false;
    }
  };
}
