import type { Address, Hash, Hex } from 'viem';
import { getChainId, signTypedData } from 'viem/actions';
import { onChain } from '../errors/index.ts';
import { type AnyClient, type WriteParameters, writeEngine } from './engine.ts';

/** Permit2's address, the same on every chain. */
export const PERMIT2: Address = '0x000000000022D473030F116dDEE9F6B43aC78BA3';

/** Permit2's SignatureTransfer. */
const TRANSFER_TYPES = {
  PermitTransferFrom: [
    { name: 'permitted', type: 'TokenPermissions' },
    { name: 'spender', type: 'address' },
    { name: 'nonce', type: 'uint256' },
    { name: 'deadline', type: 'uint256' },
  ],
  TokenPermissions: [
    { name: 'token', type: 'address' },
    { name: 'amount', type: 'uint256' },
  ],
} as const;

/** What a wallet signs for a deposit by Permit2: EIP-712 typed data. */
export function permit2TypedData({ chainId, token, engine, assets, nonce, deadline }: permit2TypedData.Parameters) {
  return {
    domain: { name: 'Permit2', chainId, verifyingContract: PERMIT2 },
    types: TRANSFER_TYPES,
    primaryType: 'PermitTransferFrom',
    message: { permitted: { token, amount: assets }, spender: engine, nonce, deadline },
  } as const;
}

export declare namespace permit2TypedData {
  interface Parameters {
    chainId: number;
    /** The token: USDC. */
    token: Address;
    /** The engine's address: its proxy. */
    engine: Address;
    /** USDC units, 6 decimals. */
    assets: bigint;
    /** Unused, in any order. */
    nonce: bigint;
    /** Seconds; the last at which it counts. */
    deadline: bigint;
  }
}

/**
 * Adds margin to any account by a signature for Permit2, which the sender must have approved for the token once.
 * Refused while orders of the account are pending.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export async function depositWithPermit2(
  client: AnyClient,
  { token, account, assets, permitNonce, deadline, ...tx }: depositWithPermit2.Parameters,
): Promise<depositWithPermit2.ReturnType> {
  const { engine, from } = tx;
  const signature = await onChain(async () => {
    const chainId = client.chain?.id ?? (await getChainId(client));
    const typedData = permit2TypedData({ chainId, token, engine, assets, nonce: permitNonce, deadline });
    return signTypedData(client, { ...typedData, account: from ?? client.account } as never);
  });
  return writeEngine(client, tx, 'depositWithPermit2', [account, assets, permitNonce, deadline, signature]);
}

export declare namespace depositWithPermit2 {
  interface Parameters extends WriteParameters {
    /** The token: USDC. */
    token: Address;
    /** Account credited. */
    account: Hex;
    /** USDC units, 6 decimals. */
    assets: bigint;
    /** Permit2's own nonce: unused, in any order. */
    permitNonce: bigint;
    /** Seconds; the last at which the signature counts. */
    deadline: bigint;
  }
  type ReturnType = Hash;
}
