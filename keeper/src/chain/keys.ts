import type { Address } from 'viem';
import { hdKeyToAccount, mnemonicToAccount } from 'viem/accounts';
import { PublicKeyRefusedError } from '../errors.ts';

/** Chains of one machine. */
export const DEVNET_CHAIN_IDS = [31_337, 901];
const PUBLIC_MNEMONIC = 'test test test test test test test test test test test junk';
/** More than the devnet uses. */
const PUBLIC_ACCOUNTS = 30;

/**
 * Refuses the accounts of the public test mnemonic outside of a devnet.
 * @throws {PublicKeyRefusedError}
 */
export function refusePublicKey(chainId: number, address: Address): void {
  if (DEVNET_CHAIN_IDS.includes(chainId)) return;
  // Stretched once, which is slow.
  const parent = mnemonicToAccount(PUBLIC_MNEMONIC, { path: "m/44'/60'/0'/0" }).getHdKey();
  for (let index = 0; index < PUBLIC_ACCOUNTS; index++) {
    if (hdKeyToAccount(parent, { path: `m/${index}` as `m/44'/60'/${string}` }).address === address) {
      throw new PublicKeyRefusedError(address, chainId);
    }
  }
}
