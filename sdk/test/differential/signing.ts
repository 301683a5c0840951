import { type Address, concatHex, domainSeparator, type Hex, keccak256, size, slice, toHex } from 'viem';
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts';
import { type Order, OrderWords } from '../../src/math/index.ts';
import type { Signatures } from '../../src/model/index.ts';
import { compactSignature, decodeBundleProof, encodeBundleProof, recoverCompact } from '../../src/orders/signatures.ts';
import { encodeSigned, type SignedWords } from '../../src/orders/signedOrders.ts';

// Signed orders: drawn as plain data and signed by real keys. Who signed is recovered beforehand, for the model's calls.

/**
 * How an order is signed: as one of `bundle` in `market`, or not at all but by given bytes; `apart` from its words though
 * it would fit.
 */
export type Signing = ({ by: Address; market: bigint; bundle: readonly Order[]; place: number } | { bytes: Hex }) & {
  apart?: boolean;
};

/** A signed order as it may be committed. */
export interface SignedOrder {
  market: bigint;
  order: Order;
  signing: Signing;
}

const keys = new Map<Address, PrivateKeyAccount>();

/** An address with a key. */
export function signer(byte: string): Address {
  const account = privateKeyToAccount(`0x${byte.repeat(32)}`);
  const address = account.address.toLowerCase() as Address;
  keys.set(address, account);
  return address;
}

/** The owner that is a contract. */
export const WALLET: Address = `0x${'c4'.repeat(20)}`;
/** isValidSignature: the signature's first word must be the hash. */
export const WALLET_CODE: Hex = '0x60043560643514631626ba7e60e01b025f5260205ff3';

const made = new Map<string, Hex>();
const recovered = new Map<string, Address | null>();
const separators = new Map<Address, Hex>();

/** EIP-712: what is signed of a hash. */
function digestOf(engine: Address, hash: Hex): Hex {
  const domain = { name: 'Tidemark', version: '1', chainId: 1, verifyingContract: engine } as const;
  const separator = separators.get(engine) ?? domainSeparator({ domain });
  separators.set(engine, separator);
  return keccak256(concatHex(['0x1901', separator, hash]));
}

/** The arguments of a commit; an order without a signing names one that is not there. */
export async function sign(engine: Address, market: bigint, orders: readonly Order[], signings: readonly Signing[]) {
  const signed = await Promise.all(
    signings.map(async (signing, i) => {
      const order = orders[i] as Order;
      return { order, signature: await signatureOf(engine, signing), byContract: signing.apart ?? false };
    }),
  );
  const encoded = encodeSigned(signed);
  const missing = { r: toHex(2n ** 255n, { size: 32 }), vs: toHex(0n, { size: 32 }) };
  const words = orders.map((order, i): SignedWords => encoded.orders[i] ?? { ...order, ...missing });
  for (const order of words) await recover(engine, market, order, encoded.others);
  return [market, words, encoded.others] as const;
}

/** The bytes that the contract takes. */
async function signatureOf(engine: Address, signing: Signing): Promise<Hex> {
  if ('bytes' in signing) return signing.bytes;
  const { by, market, bundle, place } = signing;
  const hashes = bundle.map((order) => OrderWords.hashOf(market, order));
  if (!bundle[0] || !isBundled(bundle[0])) return signHash(engine, by, hashes[place] ?? '0x');
  return encodeBundleProof({ place, hashes, signature: await signHash(engine, by, OrderWords.bundleHash(hashes)) });
}

const isBundled = ({ terms }: Order) => (OrderWords.flagsOf(terms) & OrderWords.OrderFlags.Bundled) !== 0n;

async function signHash(engine: Address, by: Address, hash: Hex): Promise<Hex> {
  const digest = digestOf(engine, hash);
  if (by === WALLET) return digest;
  const key = `${by}/${digest}`;
  const account = keys.get(by);
  if (!account) throw new Error(`${by} has no key.`);
  const signature = made.get(key) ?? compactSignature(await account.sign({ hash: digest }));
  made.set(key, signature);
  return signature;
}

/** Recovers what the contract will. */
async function recover(engine: Address, market: bigint, order: SignedWords, others: readonly Hex[]): Promise<void> {
  let hash = OrderWords.hashOf(market, order);
  let signature = concatHex([order.r, order.vs]);
  if (BigInt(order.vs) === 0n) signature = others[Number(order.r)] ?? '0x';
  if (BigInt(order.vs) === 0n && isBundled(order)) {
    try {
      const proof = decodeBundleProof(signature);
      [hash, signature] = [OrderWords.bundleHash(proof.hashes), proof.signature];
    } catch {
      return;
    }
  }
  const digest = digestOf(engine, hash);
  const key = `${digest}/${signature}`;
  if (size(signature) !== 64 || recovered.has(key)) return;
  recovered.set(key, await recoverCompact(digest, signature).catch(() => null));
}

/** The model's view of the signatures. */
export const signaturesAt = (engine: Address): Signatures => ({
  recover: (hash, r, vs) => {
    const signer = recovered.get(`${digestOf(engine, hash)}/${concatHex([r, vs])}`);
    if (signer === undefined) throw new Error('The model asks for a signer that was not recovered.');
    return signer;
  },
  accepts: (owner, hash, signature) => {
    if (owner !== WALLET) return null;
    return size(signature) >= 32 && slice(signature, 0, 32) === digestOf(engine, hash);
  },
});
