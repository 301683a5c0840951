import { type Address, type Hash, type Hex, keccak256, stringToHex } from 'viem';
import { type LocalAccount, privateKeyToAccount } from 'viem/accounts';
import { CHAIN_ID } from '../src/chain.ts';

/** A key that only a seed knows. */
export const seededKey = (seed: number, who: string): Hex => keccak256(stringToHex(`${who} of seed ${seed}`));

/** Wei per gas: above every base fee of a soak, so that nothing is dropped for being cheap. */
const MAX_FEE = 10n ** 11n;
export const TIP = 1_000_000n;

interface Call {
  to: Address;
  data: Hex;
  gas: bigint;
}

/** An account that counts its own nonces, so that many transactions go into one block without asking the chain. */
export class Sender {
  readonly account: LocalAccount;
  readonly #send: (raw: Hex) => Promise<Hash>;
  #nonce: number;

  /** @param nonce Of the first transaction. */
  constructor(account: Hex | LocalAccount, send: (raw: Hex) => Promise<Hash>, nonce = 0) {
    this.account = typeof account === 'string' ? privateKeyToAccount(account) : account;
    this.#send = send;
    this.#nonce = nonce;
  }

  async send(call: Call): Promise<Hash> {
    const nonce = this.#nonce++;
    const fees = { maxFeePerGas: MAX_FEE, maxPriorityFeePerGas: TIP };
    return this.#send(
      await this.account.signTransaction({ type: 'eip1559', chainId: CHAIN_ID, nonce, ...fees, ...call }),
    );
  }
}
