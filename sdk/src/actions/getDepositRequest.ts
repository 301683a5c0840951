import { type AnyClient, type RequestParameters, readVault } from './vault.ts';

/**
 * Where a deposit's request stands. With a block's number, all of it is of that block.
 * @throws {TidemarkError}
 */
export async function getDepositRequest(
  client: AnyClient,
  { requestId, controller, ...at }: getDepositRequest.Parameters,
): Promise<getDepositRequest.ReturnType> {
  const [pending, claimable, shares] = await Promise.all([
    readVault(client, at, 'pendingDepositRequest', [requestId, controller]),
    readVault(client, at, 'claimableDepositRequest', [requestId, controller]),
    readVault(client, at, 'claimableDepositShares', [requestId, controller]),
  ]);
  return { pending, claimable, shares };
}

export declare namespace getDepositRequest {
  type Parameters = RequestParameters;
  interface ReturnType {
    /** Not executed, or executed and still locked. USDC units, 6 decimals. */
    pending: bigint;
    /** Executed, no longer locked and not claimed. USDC units, 6 decimals. */
    claimable: bigint;
    /** What claiming would give now, 18 decimals. */
    shares: bigint;
  }
}
