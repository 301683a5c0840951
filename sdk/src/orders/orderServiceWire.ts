import { type Address, type Hex, isAddress, size } from 'viem';
import { hashOf, nonceOf } from '../math/orderWords.ts';
import { OrderServiceMalformedError } from './orderServiceErrors.ts';
import { MAX_BUNDLE } from './signatures.ts';
import type { SignedOrder } from './signedOrders.ts';
import type { SigningDomain } from './typedData.ts';

// How orders travel between order services, keepers and owners: JSON, version 1. Source: docs/order-service.md.

/** Of the format, in every body. */
export const ORDER_SERVICE_VERSION = 1;
/** Of one order; what a bundle of 32 and a wallet of several keys need, and more. */
export const MAX_SIGNATURE_BYTES = 4_096;
/** Seconds until which a cancellation may be good at most. */
export const MAX_CANCEL_SPAN = 600n;

/** Why an order waits no longer. */
export const GONE_REASONS = [
  'filled',
  /** At its settlement, see `OrderFailed`. */
  'failed',
  /** Committed, and settled by nobody in its minute. */
  'expired',
  /** Not committed before its deadline. */
  'deadline passed',
  /** By its owner, with this service only. */
  'cancelled',
  /** Its nonce was cancelled, or used by another order. */
  'nonce used',
  'position ended',
  'market closed',
  /** A commit would not take it, whatever time it is. */
  'refused',
] as const;
export type GoneReason = (typeof GONE_REASONS)[number];

/** An order and what has become of it. */
export interface KeptOrder extends SignedOrder {
  /** Its EIP-712 struct hash. */
  id: Hex;
  status: 'waiting' | 'committed' | 'gone';
  /** Of one that is gone. */
  reason?: GoneReason;
}

/** What a stream tells. */
export type OrderServiceEvent =
  /** All that wait or are committed; what was known before counts no longer. */
  | { event: 'snapshot'; orders: readonly KeptOrder[] }
  /** It waits, for the first time or again. */
  | { event: 'placed'; order: KeptOrder }
  | { event: 'committed'; id: Hex }
  | { event: 'gone'; id: Hex; reason: GoneReason };

/** What an order is called everywhere: its EIP-712 struct hash. */
export const orderIdOf = ({ market, order }: Pick<SignedOrder, 'market' | 'order'>): Hex => hashOf(market, order);

/** The most that one nonce of an account stands for. */
export const nonceKeyOf = ({ order }: Pick<SignedOrder, 'order'>): string => `${order.account} ${nonceOf(order.terms)}`;

/** An order as JSON has it: words in decimal, bytes in hexadecimal. */
export interface WireOrder {
  market: string;
  account: Hex;
  terms: string;
  extras: string;
  signature: Hex;
  byContract?: boolean;
}

export function encodeOrder({ market, order, signature, byContract }: SignedOrder): WireOrder {
  const { account, terms, extras } = order;
  const words = { market: `${market}`, account, terms: `${terms}`, extras: `${extras}` };
  return { ...words, signature, ...(byContract && { byContract }) };
}

/** @throws {OrderServiceMalformedError} When it is not an order as {@link encodeOrder} writes one. */
export function decodeOrder(value: unknown): SignedOrder {
  const { market, account, terms, extras, signature, byContract } = objectOf(value, 'The order');
  return {
    market: decimalOf(market, 'market', 8),
    order: {
      account: decodeBytes(account, 'account', 32),
      terms: decimalOf(terms, 'terms', 256),
      extras: decimalOf(extras, 'extras', 256),
    },
    signature: decodeBytes(signature, 'signature', MAX_SIGNATURE_BYTES, 0),
    ...(byContract === true && { byContract: true }),
  };
}

export interface WireKeptOrder extends WireOrder {
  id: Hex;
  status: KeptOrder['status'];
  reason?: GoneReason;
}

export function encodeKept({ id, status, reason, ...signed }: KeptOrder): WireKeptOrder {
  return { id, status, ...(reason && { reason }), ...encodeOrder(signed) };
}

/** @throws {OrderServiceMalformedError} Also when the id is not the order's. */
export function decodeKept(value: unknown): KeptOrder {
  const { id, status, reason } = objectOf(value, 'The order');
  const signed = decodeOrder(value);
  if (id !== orderIdOf(signed)) throw new OrderServiceMalformedError("The id is not the order's hash.");
  if (status !== 'waiting' && status !== 'committed' && status !== 'gone')
    throw new OrderServiceMalformedError('The status is none.');
  return { id, status, ...(status === 'gone' && { reason: decodeReason(reason) }), ...signed };
}

/** @throws {OrderServiceMalformedError} */
export function decodeReason(value: unknown): GoneReason {
  const reason = GONE_REASONS.find((one) => one === value);
  if (!reason) throw new OrderServiceMalformedError('The reason is none.');
  return reason;
}

/** @returns The orders of a body `{ version, orders }`, 1 to 32. @throws {OrderServiceMalformedError} */
export function decodeOrders(body: unknown): SignedOrder[] {
  return listOf(versioned(body).orders, MAX_BUNDLE).map(decodeOrder);
}

/** What an owner signs to have orders of its own forgotten by order services. Only `cancelNonces` binds everybody. */
export interface Cancellation {
  owner: Address;
  /** Ids, 1 to 32. */
  orders: readonly Hex[];
  /** Seconds of chain time; the last at which it counts, at most ten minutes ahead. */
  expiry: bigint;
}

const CANCEL_TYPES = {
  Cancel: [
    { name: 'owner', type: 'address' },
    { name: 'orders', type: 'bytes32[]' },
    { name: 'expiry', type: 'uint64' },
  ],
} as const;

/** EIP-712 typed data of a cancellation. Its domain is not the engine's: what is signed here is no order. */
export function cancelTypedData({ engine, chainId, owner, orders, expiry }: SigningDomain & Cancellation) {
  const domain = { name: 'Tidemark orders', version: '1', chainId, verifyingContract: engine } as const;
  return { domain, types: CANCEL_TYPES, primaryType: 'Cancel', message: { owner, orders, expiry } } as const;
}

export function encodeCancellation({ owner, orders, expiry, signature }: Cancellation & { signature: Hex }) {
  return { version: ORDER_SERVICE_VERSION, owner, orders, expiry: `${expiry}`, signature };
}

/** @throws {OrderServiceMalformedError} */
export function decodeCancellation(body: unknown): Cancellation & { signature: Hex } {
  const { owner, orders, expiry, signature } = versioned(body);
  if (typeof owner !== 'string' || !isAddress(owner, { strict: false }))
    throw new OrderServiceMalformedError('The owner is no address.');
  return {
    owner,
    orders: listOf(orders, MAX_BUNDLE).map((id) => decodeBytes(id, 'id', 32)),
    expiry: decimalOf(expiry, 'expiry', 64),
    signature: decodeBytes(signature, 'signature', MAX_SIGNATURE_BYTES, 0),
  };
}

/** @throws {OrderServiceMalformedError} When a body is no object of this version. */
export function versioned(body: unknown): Record<string, unknown> {
  const object = objectOf(body, 'The body');
  if (object.version === ORDER_SERVICE_VERSION) return object;
  throw new OrderServiceMalformedError(`The body's version is not ${ORDER_SERVICE_VERSION}.`);
}

/** @throws {OrderServiceMalformedError} */
export function decodeBytes(value: unknown, name: string, most: number, least = most): Hex {
  if (typeof value === 'string' && /^0x([0-9a-f]{2})*$/.test(value)) {
    const bytes = size(value as Hex);
    if (bytes >= least && bytes <= most) return value as Hex;
  }
  const count = least === most ? `${most}` : `${least} to ${most}`;
  throw new OrderServiceMalformedError(`The ${name} is not ${count} bytes in lower-case hexadecimal.`);
}

function objectOf(value: unknown, name: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new OrderServiceMalformedError(`${name} is no JSON object.`);
}

function listOf(value: unknown, most: number): unknown[] {
  if (Array.isArray(value) && value.length > 0 && value.length <= most) return value;
  throw new OrderServiceMalformedError(`There are not 1 to ${most} orders in a list.`);
}

function decimalOf(value: unknown, name: string, bits: number): bigint {
  // As long as 2^256 in decimal, and written in one way only.
  if (typeof value === 'string' && /^(0|[1-9]\d{0,77})$/.test(value)) {
    const number = BigInt(value);
    if (number < 1n << BigInt(bits)) return number;
  }
  throw new OrderServiceMalformedError(`The ${name} is not a number of ${bits} bits in decimal, as a string.`);
}
