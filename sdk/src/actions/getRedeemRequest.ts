import { type AnyClient, type RequestParameters, readVault } from './vault.ts';

/**
 * Where a redemption's request stands. With a block's number, all of it is of that block.
 * @throws {TidemarkError}
 */
export async function getRedeemRequest(
  client: AnyClient,
  { requestId, controller, ...at }: getRedeemRequest.Parameters,
): Promise<getRedeemRequest.ReturnType> {
  const [pending, claimable, assets] = await Promise.all([
    readVault(client, at, 'pendingRedeemRequest', [requestId, controller]),
    readVault(client, at, 'claimableRedeemRequest', [requestId, controller]),
    readVault(client, at, 'claimableRedeemAssets', [requestId, controller]),
  ]);
  return { pending, claimable, assets };
}

export declare namespace getRedeemRequest {
  type Parameters = RequestParameters;
  interface ReturnType {
    /** Shares that wait, 18 decimals, rounded down. */
    pending: bigint;
    /** Shares redeemed whose assets wait to be claimed, 18 decimals, rounded up. */
    claimable: bigint;
    /** What claiming would pay now. USDC units, 6 decimals, rounded down. */
    assets: bigint;
  }
}
