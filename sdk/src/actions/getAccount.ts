import type { Hex } from 'viem';
import { withOrders } from '../math/engineTypes.ts';
import { type AnyClient, type ReadParameters, readEngine } from './engine.ts';

/**
 * An account: realised margin (USD, 18 decimals), bitmap of its markets, pending orders and the market that they are of.
 * @throws {TidemarkError}
 */
export async function getAccount(
  client: AnyClient,
  { account, ...at }: getAccount.Parameters,
): Promise<getAccount.ReturnType> {
  return withOrders(await readEngine(client, at, 'getAccount', [account]));
}

export declare namespace getAccount {
  interface Parameters extends ReadParameters {
    /** Account read. */
    account: Hex;
  }
  /** `margin` USD, 18 decimals; `committedAt` seconds; `volume` hundreds of USD; as of the SDK's {@link Account}. */
  interface ReturnType {
    margin: bigint;
    committedAt: number;
    markets: bigint;
    moments: number;
    purge: number;
    market: number;
    pending: number;
    volume: number;
  }
}
