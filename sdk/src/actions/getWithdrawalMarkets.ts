import type { Hex } from 'viem';
import { marketsOf } from '../accounts.ts';
import { MarketFlags } from '../math/engineTypes.ts';
import type { AnyClient, ReadParameters } from './engine.ts';
import { getAccount } from './getAccount.ts';
import { getDoubt } from './getDoubt.ts';
import { getMarketConfig } from './getMarketConfig.ts';

/**
 * Markets whose prices are asked when margin leaves an account: those of its positions, and those at whose doubtful price it
 * has realised a profit, which stays until there is a trusted one, but not of a market that has ended meanwhile.
 * @throws {TidemarkError}
 */
export async function getWithdrawalMarkets(
  client: AnyClient,
  { account, ...at }: getWithdrawalMarkets.Parameters,
): Promise<getWithdrawalMarkets.ReturnType> {
  const [{ markets }, { held }] = await Promise.all([
    getAccount(client, { account, ...at }),
    getDoubt(client, { account, ...at }),
  ]);
  const doubtful = await Promise.all(
    marketsOf(held & ~markets).map(async (market) => {
      const { flags } = await getMarketConfig(client, { market: BigInt(market), ...at });
      return (BigInt(flags) & MarketFlags.Settled) === 0n ? 1n << BigInt(market) : 0n;
    }),
  );
  return marketsOf(doubtful.reduce((all, bit) => all | bit, markets));
}

export declare namespace getWithdrawalMarkets {
  interface Parameters extends ReadParameters {
    /** Account read. */
    account: Hex;
  }
  /** Ascending. */
  type ReturnType = number[];
}
