import { type Address, type Hex, keccak256, stringToHex } from 'viem';
import { hdKeyToAccount, mnemonicToAccount, privateKeyToAddress } from 'viem/accounts';
import { DeployError } from './errors.ts';
import { DEVNET_CHAIN_IDS } from './network.ts';

/** Private keys of the devnet's price signers; public knowledge. Key i = keccak256("tidemark devnet price signer i"). */
export const DEVNET_PRICE_KEYS: readonly Hex[] = [0, 1, 2, 3, 4].map((i) =>
  keccak256(stringToHex(`tidemark devnet price signer ${i}`)),
);

const PUBLIC_MNEMONIC = 'test test test test test test test test test test test junk';
/** More than the devnet uses. */
const PUBLIC_ACCOUNTS = 30;

/**
 * Refuses keys that everybody knows outside of a chain of one machine: the public test mnemonic's and the devnet's.
 * @throws {DeployError}
 */
export function refuseWellKnown(chainId: number, ...addresses: Address[]): void {
  if (DEVNET_CHAIN_IDS.includes(chainId)) return;
  // Stretched once, which is slow.
  const parent = mnemonicToAccount(PUBLIC_MNEMONIC, { path: "m/44'/60'/0'/0" }).getHdKey();
  const mnemonic = Array.from({ length: PUBLIC_ACCOUNTS }, (_, index) =>
    hdKeyToAccount(parent, { path: `m/${index}` as `m/44'/60'/${string}` }),
  );
  const known = [...mnemonic.map(({ address }) => address), ...DEVNET_PRICE_KEYS.map(privateKeyToAddress)];
  const lower = new Set(known.map((address) => address.toLowerCase()));
  const found = addresses.find((address) => lower.has(address.toLowerCase()));
  if (found === undefined) return;
  throw new DeployError(`${found} is an account whose key is public, on chain ${chainId}.`, 'Use a key of your own.');
}
