import { concat, type Hex, size, slice, toHex } from 'viem';
import type { Order } from '../math/engineTypes.ts';
import { flagsOf, OrderFlags } from '../math/orderWords.ts';
import type { MarketOrder } from './typedData.ts';

/** An order that anybody may commit. */
export interface SignedOrder extends MarketOrder {
  /** 64 bytes of a key, or whatever the owner's contract takes; of an order signed with others see {@link BundleProof}. */
  signature: Hex;
  /** The owner is a contract, which judges the signature; needed only where that has the length of a key's. */
  byContract?: boolean;
}

/** As the engine takes it: r and vs of a key's signature, or the place of a longer one among others, and zero. */
export interface SignedWords extends Order {
  r: Hex;
  vs: Hex;
}

const NONE = toHex(0n, { size: 32 });
const isBundled = ({ terms }: Order): boolean => (flagsOf(terms) & OrderFlags.Bundled) !== 0n;

/** What `commitSigned` and `announce` take. Signatures that are the same are given once. */
export function encodeSigned(signed: readonly Omit<SignedOrder, 'market'>[]): { orders: SignedWords[]; others: Hex[] } {
  const others: Hex[] = [];
  const orders = signed.map(({ order, signature, byContract }) => {
    const isKeys = size(signature) === 64 && !isBundled(order) && !byContract;
    if (isKeys) return { ...order, r: slice(signature, 0, 32), vs: slice(signature, 32) };
    if (!others.includes(signature)) others.push(signature);
    return { ...order, r: toHex(others.indexOf(signature), { size: 32 }), vs: NONE };
  });
  return { orders, others };
}

/** The orders of an `OrdersAnnounced`; one whose signature is not among the others has none. */
export function decodeSigned({
  orders,
  others,
}: {
  orders: readonly SignedWords[];
  others: readonly Hex[];
}): Omit<SignedOrder, 'market'>[] {
  return orders.map(({ r, vs, ...order }) => {
    if (BigInt(vs) !== 0n) return { order, signature: concat([r, vs]) };
    const signature = others[Number(r)] ?? '0x';
    return { order, signature, ...(size(signature) === 64 && { byContract: true }) };
  });
}
