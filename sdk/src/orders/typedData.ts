import { type Address, concat, domainSeparator, type Hex, keccak256, toHex } from 'viem';
import { ownerOf, subOf } from '../accounts.ts';
import type { Order } from '../math/engineTypes.ts';
import {
  builderFeeOf,
  builderOf,
  bundleHash,
  deadlineOf,
  flagsOf,
  generationOf,
  hashOf,
  limitPriceOf,
  nonceOf,
  sizeDeltaOf,
  triggerPriceOf,
} from '../math/orderWords.ts';

/** EIP-712 types of an order, and of orders signed together. */
export const ORDER_TYPES = {
  Order: [
    { name: 'owner', type: 'address' },
    { name: 'sub', type: 'uint96' },
    { name: 'market', type: 'uint256' },
    { name: 'sizeDelta', type: 'int88' },
    { name: 'limitPrice', type: 'uint88' },
    { name: 'triggerPrice', type: 'uint88' },
    { name: 'flags', type: 'uint8' },
    { name: 'generation', type: 'uint16' },
    { name: 'deadline', type: 'uint32' },
    { name: 'nonce', type: 'uint24' },
    { name: 'builder', type: 'address' },
    { name: 'builderFee', type: 'uint8' },
  ],
  Bundle: [{ name: 'orders', type: 'Order[]' }],
} as const;

/** Where signatures count: one engine on one chain. */
export interface SigningDomain {
  engine: Address;
  chainId: number;
}

/** An order, and the id of its market. */
export interface MarketOrder {
  market: bigint;
  order: Order;
}

const domainOf = ({ engine, chainId }: SigningDomain) =>
  ({ name: 'Tidemark', version: '1', chainId, verifyingContract: engine }) as const;

const messageOf = ({ market, order: { account, terms, extras } }: MarketOrder) => ({
  owner: ownerOf(account),
  sub: subOf(account),
  market,
  sizeDelta: sizeDeltaOf(terms),
  limitPrice: limitPriceOf(terms),
  triggerPrice: triggerPriceOf(extras),
  flags: Number(flagsOf(terms)),
  generation: Number(generationOf(terms)),
  deadline: Number(deadlineOf(terms)),
  nonce: Number(nonceOf(terms)),
  builder: toHex(builderOf(extras), { size: 20 }),
  builderFee: Number(builderFeeOf(extras)),
});

/** What a wallet shows and signs of one order: EIP-712 typed data. */
export function orderTypedData({ engine, chainId, ...order }: SigningDomain & MarketOrder) {
  const { Order } = ORDER_TYPES;
  const domain = domainOf({ engine, chainId });
  return { domain, types: { Order }, primaryType: 'Order', message: messageOf(order) } as const;
}

/** What a wallet shows and signs of orders that one signature covers, in any markets. */
export function bundleTypedData({ orders, ...domain }: SigningDomain & { orders: readonly MarketOrder[] }) {
  const message = { orders: orders.map(messageOf) };
  return { domain: domainOf(domain), types: ORDER_TYPES, primaryType: 'Bundle', message } as const;
}

const digestOf = (domain: SigningDomain, hash: Hex): Hex =>
  keccak256(concat(['0x1901', domainSeparator({ domain: domainOf(domain) }), hash]));

/** What the signature of one order signs: its EIP-712 digest. */
export function hashOrder({ market, order, ...domain }: SigningDomain & MarketOrder): Hex {
  return digestOf(domain, hashOf(market, order));
}

/** What one signature of several orders signs: their bundle's digest. @param hashes Of each, see `OrderWords.hashOf`. */
export function hashBundle({ hashes, ...domain }: SigningDomain & { hashes: readonly Hex[] }): Hex {
  return digestOf(domain, bundleHash(hashes));
}
