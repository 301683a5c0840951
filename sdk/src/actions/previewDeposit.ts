import type { Hex } from 'viem';
import { ASSET_SCALE } from '../math/fixedPoint.ts';
import type { AnyClient, ReadParameters } from './engine.ts';
import { getAccount } from './getAccount.ts';
import { getSolvency } from './getSolvency.ts';

/** The most the engine owes in tokens, USD, 18 decimals; as in EngineStorage.sol. */
const MAX_CUSTODY = 2n ** 96n - 1n;

/**
 * What a deposit would make of an account's margin.
 * @throws {TidemarkError}
 */
export async function previewDeposit(
  client: AnyClient,
  { account, assets, ...at }: previewDeposit.Parameters,
): Promise<previewDeposit.ReturnType> {
  const [{ margin }, { custody }] = await Promise.all([
    getAccount(client, { account, ...at }),
    getSolvency(client, at),
  ]);
  const permitted = assets !== 0n && assets <= (MAX_CUSTODY - custody) / ASSET_SCALE;
  return { margin: margin + assets * ASSET_SCALE, permitted };
}

export declare namespace previewDeposit {
  interface Parameters extends ReadParameters {
    /** Account credited. */
    account: Hex;
    /** USDC units, 6 decimals. */
    assets: bigint;
  }
  interface ReturnType {
    /** USD, 18 decimals. */
    margin: bigint;
    /** Whether the engine has room for it. */
    permitted: boolean;
  }
}
