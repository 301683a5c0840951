import { RpcUnreachableError, toTidemarkError } from '@tidemark/sdk';
import {
  type Address,
  createClient,
  type Hash,
  type Hex,
  http,
  isHex,
  keccak256,
  numberToHex,
  parseTransaction,
  recoverAddress,
  serializeTransaction,
  type TransactionSerializableEIP1559,
} from 'viem';
import { SignerError } from '../errors.ts';

/** Who signs for the keeper: viem's local accounts are such, {@link digestSigner} and {@link remoteSigner} make others. */
export interface Signer {
  readonly address: Address;
  /** @returns The transaction signed and serialised. @throws {SignerError} */
  signTransaction(transaction: TransactionSerializableEIP1559): Promise<Hex>;
}

/** What a key management service offers: a key that never leaves it, and signs 32 bytes. */
export interface DigestKey {
  readonly address: Address;
  /** ECDSA over secp256k1. `s` may be in either half, and the parity is found. */
  sign(digest: Hash): Promise<{ r: bigint; s: bigint }>;
}

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** A signer whose key is in a key management service. */
export function digestSigner({ address, sign }: DigestKey): Signer {
  return {
    address,
    signTransaction: async (transaction) => {
      const hash = keccak256(serializeTransaction(transaction));
      const { r, s } = await sign(hash);
      const signature = {
        r: numberToHex(r, { size: 32 }),
        s: numberToHex(s > ORDER / 2n ? ORDER - s : s, { size: 32 }),
      };
      for (const yParity of [0, 1]) {
        // One parity may be of no point on the curve.
        const signer = await recoverAddress({ hash, signature: { ...signature, yParity } }).catch(() => null);
        if (signer?.toLowerCase() === address.toLowerCase()) {
          return serializeTransaction(transaction, { ...signature, yParity });
        }
      }
      throw new SignerError(`The key that signed is not that of ${address}.`, { next: 'Check which key is named.' });
    },
  };
}

/** Milliseconds after which a remote signer counts as silent. */
const TIMEOUT_MS = 5_000;

/**
 * A signer in a process of its own that holds the key: Web3Signer, or whatever else answers `eth_signTransaction` by
 * JSON-RPC. What comes back has to be what was asked for, signed by the address.
 * @param url Of https, or of this machine: who is in between could have anything signed.
 * @throws {SignerError} when the address is in the clear and of another machine.
 */
export function remoteSigner({ url, address }: { url: string; address: Address }): Signer {
  const { protocol, hostname, origin } = new URL(url);
  if (protocol !== 'https:' && !['localhost', '127.0.0.1', '[::1]'].includes(hostname)) {
    throw new SignerError(`The signer at ${origin} would be reached in the clear.`, { next: 'Give an https address.' });
  }
  const client = createClient({ transport: http(url, { retryCount: 0, timeout: TIMEOUT_MS }) });
  return {
    address,
    signTransaction: async (transaction) => {
      const signed = await ask();
      if (await isSigned(signed, transaction, address)) return signed;
      throw new SignerError(`The signer at ${origin} signed something else, or by another key.`, {
        next: `Check that it holds the key of ${address}, and what stands between.`,
      });

      async function ask(): Promise<Hex> {
        const params = [toRpc(transaction, address)];
        const answer = await client
          .request({ method: 'eth_signTransaction', params } as never)
          .catch((error: unknown) => {
            const { shortMessage } = toTidemarkError(error);
            const silent = toTidemarkError(error) instanceof RpcUnreachableError;
            throw new SignerError(
              `The signer at ${origin} ${silent ? 'does not answer' : `refuses: ${shortMessage}`}`,
              {
                next: 'Check that it runs and holds the key; the transaction is tried again.',
                retryable: true,
              },
            );
          });
        // Some answer the transaction beside its bytes.
        const raw: unknown = typeof answer === 'object' && answer !== null ? (answer as { raw?: unknown }).raw : answer;
        return isHex(raw) ? raw : '0x';
      }
    },
  };
}

function toRpc(transaction: TransactionSerializableEIP1559, from: Address) {
  const { to, data = '0x', value = 0n, gas = 0n, nonce = 0, maxFeePerGas = 0n, chainId } = transaction;
  return {
    from,
    to,
    data,
    value: numberToHex(value),
    gas: numberToHex(gas),
    nonce: numberToHex(nonce),
    maxFeePerGas: numberToHex(maxFeePerGas),
    maxPriorityFeePerGas: numberToHex(transaction.maxPriorityFeePerGas ?? 0n),
    chainId: numberToHex(chainId),
  };
}

async function isSigned(signed: Hex, asked: TransactionSerializableEIP1559, address: Address): Promise<boolean> {
  try {
    const {
      r,
      s,
      yParity,
      v: _,
      ...transaction
    } = parseTransaction(signed) as TransactionSerializableEIP1559 & {
      r: Hex;
      s: Hex;
      yParity: number;
      v?: bigint;
    };
    const unsigned = serializeTransaction({ ...asked, type: 'eip1559' });
    if (serializeTransaction(transaction) !== unsigned) return false;
    const signer = await recoverAddress({ hash: keccak256(unsigned), signature: { r, s, yParity } });
    return signer.toLowerCase() === address.toLowerCase();
  } catch {
    return false;
  }
}
