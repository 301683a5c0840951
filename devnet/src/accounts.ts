import { mnemonicToAccount } from 'viem/accounts';

/** The public test mnemonic; its keys are refused on every chain that is not a devnet. */
const MNEMONIC = 'test test test test test test test test test test test junk';

const account = (addressIndex: number) => mnemonicToAccount(MNEMONIC, { addressIndex });

/** Who does what on a devnet. */
export const ACCOUNTS = {
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
} as const;

/** Private key of one of the accounts, for a process of its own. */
export function privateKeyOf(who: { getHdKey(): { privateKey: Uint8Array | null } }): `0x${string}` {
  const { privateKey } = who.getHdKey();
  return `0x${Buffer.from(privateKey as Uint8Array).toString('hex')}`;
}
