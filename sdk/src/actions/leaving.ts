import type { Hex } from 'viem';
import type { PriceServiceClient } from '../prices/index.ts';
import type { AnyClient, PricedParameters, WriteParameters } from './engine.ts';
import { getFeed } from './getFeed.ts';
import { getOracle } from './getOracle.ts';
import { getPyth } from './getPyth.ts';
import { getUpdateFee } from './getUpdateFee.ts';
import { getWithdrawalMarkets } from './getWithdrawalMarkets.ts';

/** A call by which margin leaves an account: with its prices, or with who is to be asked for them. */
export type LeavingParameters =
  | PricedParameters
  | (WriteParameters & {
      /** Gives the newest signed prices of {@link getWithdrawalMarkets}; is not asked when there are none. */
      prices: Pick<PriceServiceClient, 'latest'>;
    });

/** The call with the prices that it needs and what the chain charges for them. */
export async function bringPrices(
  client: AnyClient,
  account: Hex,
  given: LeavingParameters,
): Promise<PricedParameters> {
  if ('update' in given) return given;
  const { prices, ...tx } = given;
  const { engine } = tx;
  const markets = await getWithdrawalMarkets(client, { engine, account });
  if (markets.length === 0) return { ...tx, update: [] };
  const oracle = await getOracle(client, { engine });
  const [pyth, ...feeds] = await Promise.all([
    getPyth(client, { oracle }),
    ...markets.map((market) => getFeed(client, { oracle, market: BigInt(market) })),
  ]);
  const { update } = await prices.latest(feeds.map(({ pythId }) => pythId));
  return { ...tx, update, value: await getUpdateFee(client, { pyth, update }) };
}
