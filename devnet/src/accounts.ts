import { hdKeyToAccount, mnemonicToAccount } from 'viem/accounts';

/** The public test mnemonic; its keys are refused on every chain that is not a devnet. */
const MNEMONIC = 'test test test test test test test test test test test junk';

/** Stretched once for all of them, which is slow. */
const parent = mnemonicToAccount(MNEMONIC, { path: "m/44'/60'/0'/0" }).getHdKey();
const account = (index: number) => hdKeyToAccount(parent, { path: `m/${index}` as `m/44'/60'/${string}` });
const accounts = (first: number, count: number) => Array.from({ length: count }, (_, i) => account(first + i));

/** Who does what on a devnet. */
export const ACCOUNTS = {
  /** Deploys, and holds no role afterwards. */
  admin: account(0),
  feeder: account(1),
  keeper: account(2),
  faucet: account(3),
  liquidityProvider: account(4),
  traders: [account(5), account(6), account(7)],
  /** Trades for the traders, and brings what they sign. */
  delegate: account(8),
  /** The page's local test wallet; its first account. */
  wallet: account(9),
  /** Owners of the Safes; they have no ether. */
  guardians: accounts(10, 5),
  councillors: accounts(15, 7),
  stewards: accounts(22, 3),
} as const;

/** Private key of one of the accounts, for a process of its own. */
export function privateKeyOf(who: { getHdKey(): { privateKey: Uint8Array | null } }): `0x${string}` {
  const { privateKey } = who.getHdKey();
  return `0x${Buffer.from(privateKey as Uint8Array).toString('hex')}`;
}
