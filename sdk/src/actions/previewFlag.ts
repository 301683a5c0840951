import type { Address, Hex } from 'viem';
import { getBlock } from 'viem/actions';
import { onChain } from '../errors/index.ts';
import { type Price, PriceState } from '../math/engineTypes.ts';
import { FLAG_UNTIL, worstState } from '../math/liquidationMath.ts';
import type { AnyClient } from './engine.ts';
import { getDoubt } from './getDoubt.ts';
import { previewLiquidation } from './previewLiquidation.ts';

/**
 * Whether an account may be flagged at prices, by the rule that decides it.
 * @throws {TidemarkError}
 */
export async function previewFlag(
  client: AnyClient,
  { engine, riskManager, account, prices, blockNumber }: previewFlag.Parameters,
): Promise<previewFlag.ReturnType> {
  // That it is flagged already must not decide whether it is due: both sources decide by maintenance alone.
  const trusted = prices.map((price) => ({ ...price, state: PriceState.Normal }));
  const at = blockNumber === undefined ? {} : { blockNumber };
  const [[{ due }], { flaggedAt }, { timestamp }] = await Promise.all([
    previewLiquidation(client, { riskManager, account, prices: trusted, ...at }),
    getDoubt(client, { engine, account, ...at }),
    onChain(() => getBlock(client, at)),
  ]);
  const until = BigInt(flaggedAt) + FLAG_UNTIL;
  const single = worstState(prices) === PriceState.Single;
  return { due, until, permitted: single && due && timestamp > until };
}

export declare namespace previewFlag {
  interface Parameters {
    /** The engine's address: its proxy. */
    engine: Address;
    /** Address of the RiskManager. */
    riskManager: Address;
    /** Account read. */
    account: Hex;
    /** One per market of the account, ascending. */
    prices: readonly Price[];
    blockNumber?: bigint;
  }
  interface ReturnType {
    /** Whether it is below maintenance at these prices. */
    due: boolean;
    /** Up to when an earlier flag counts, and none can be set, seconds; long past when it has none. */
    until: bigint;
    /** Whether it would be permitted at the block's time: to anybody. */
    permitted: boolean;
  }
}
