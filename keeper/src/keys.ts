import type { Address } from 'viem';
import { mnemonicToAccount } from 'viem/accounts';
import { PublicKeyRefusedError } from './errors.ts';

/** Chains of one machine. */
const DEVNET_CHAIN_IDS = [31_337, 901];
const PUBLIC_MNEMONIC = 'test test test test test test test test test test test junk';
const PUBLIC_ACCOUNTS = 20;

/**
 * Refuses the accounts of the public test mnemonic outside of a devnet.
 * @throws {PublicKeyRefusedError}
 */
export function refusePublicKey(chainId: number, address: Address): void {
  if (DEVNET_CHAIN_IDS.includes(chainId)) return;
  for (let addressIndex = 0; addressIndex < PUBLIC_ACCOUNTS; addressIndex++) {
    if (mnemonicToAccount(PUBLIC_MNEMONIC, { addressIndex }).address === address) {
      throw new PublicKeyRefusedError(address, chainId);
    }
  }
}
