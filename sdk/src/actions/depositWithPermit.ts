import type { Address, Hash, Hex } from 'viem';
import type { AnyClient, WriteParameters } from './engine.ts';
import { multicall } from './multicall.ts';
import { signPermit } from './signPermit.ts';

/**
 * Adds margin to any account by a signature and one transaction, without an approval before: signs an EIP-2612 permit, then
 * sends permit and deposit together. Refused while orders of the account are pending.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export async function depositWithPermit(
  client: AnyClient,
  { token, account, assets, deadline, version, ...tx }: depositWithPermit.Parameters,
): Promise<depositWithPermit.ReturnType> {
  const { engine, from } = tx;
  const signing = { token, engine, assets, deadline, ...(from && { from }), ...(version && { version }) };
  const { v, r, s } = await signPermit(client, signing);
  const calls = [
    { functionName: 'permit', args: [assets, deadline, v, r, s] },
    { functionName: 'deposit', args: [account, assets] },
  ] as const;
  return multicall(client, { ...tx, calls });
}

export declare namespace depositWithPermit {
  interface Parameters extends WriteParameters, Pick<signPermit.Parameters, 'version'> {
    /** The token: USDC. */
    token: Address;
    /** Account credited. */
    account: Hex;
    /** USDC units, 6 decimals. */
    assets: bigint;
    /** Seconds; the last at which the permit counts. */
    deadline: bigint;
  }
  type ReturnType = Hash;
}
