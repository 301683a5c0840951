import type { Address } from 'viem';
import type { Price } from '../math/engineTypes.ts';
import { bits, type PriceSource, type Token } from './ledger.ts';
import { ModelError } from './modelError.ts';

// What surrounds a call when nothing but prices is known: for previews.

/**
 * An oracle that answers every question about a market with its one price, whatever the use.
 * @param prices By market. One that is missing is refused as the oracle refuses a feed without an update.
 * @param closingPrices By market, of those that end at one; USD, 18 decimals.
 */
export function fixedPrices(
  prices: ReadonlyMap<bigint, Price>,
  closingPrices: ReadonlyMap<bigint, bigint> = new Map(),
): PriceSource {
  const read = (market: bigint): Price => {
    const price = prices.get(market);
    if (!price) throw new ModelError('UpdateRequired', [market]);
    return price;
  };
  return {
    settlementPrice: read,
    presentPrices: (markets) => bits(markets).map(read),
    observe: (markets) => bits(markets).map(read),
    peek: read,
    closingPrice: (market) => closingPrices.get(market) ?? 0n,
    offPeg: (before) => before,
  };
}

/** A token that moves whatever it is asked to: balances and allowances are the wallet's business. */
export function freeToken(engine: Address): Token {
  return { engine, pull: (_from, assets) => assets, push: () => {} };
}
