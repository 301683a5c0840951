import { type Address, concatHex, type Hex, keccak256, stringToHex, toHex } from 'viem';
import type { Order } from './engineTypes.ts';
import { abs } from './fixedPoint.ts';

// The fields of an order's words, mirror of OrderWords.sol. Source: docs/mechanism.md#orders.

/** Bits of an order's flags. */
export const OrderFlags = {
  /** Fills at most what closes the position. */
  ReduceOnly: 1n,
  /** The size change is a share of the position that has the order's generation, basis points. */
  Attached: 2n,
  /** Only while the mid is at the trigger price or above it. */
  Above: 4n,
  /** Only while the mid is at the trigger price or below it. */
  Below: 8n,
  /** Signed for the moment: instead of a nonce it uses up the second 23 before its deadline. */
  Moment: 16n,
  /** Signed with others by one signature. */
  Bundled: 32n,
} as const;
/** Seconds within which an order of the moment must be committed. */
export const MOMENT_SPAN = 24n;
/** The largest share of a position, basis points. */
export const MAX_SHARE = 20_000n;
/** The largest fee of a builder, tenths of a basis point. */
export const MAX_BUILDER_FEE = 50n;
/** Binds no buy: USD per base unit, 18 decimals. */
export const MAX_LIMIT_PRICE = 2n ** 88n - 1n;

/** All flags. */
const MAX_FLAGS = 63n;
const TRIGGERED = OrderFlags.Above | OrderFlags.Below;
const field = (word: bigint, from: bigint, bits: number): bigint => BigInt.asUintN(bits, word >> from);

export const sizeDeltaOf = (terms: bigint): bigint => BigInt.asIntN(88, terms);
export const limitPriceOf = (terms: bigint): bigint => field(terms, 88n, 88);
export const deadlineOf = (terms: bigint): bigint => field(terms, 176n, 32);
export const nonceOf = (terms: bigint): bigint => field(terms, 208n, 24);
export const generationOf = (terms: bigint): bigint => field(terms, 232n, 16);
export const flagsOf = (terms: bigint): bigint => field(terms, 248n, 8);
export const triggerPriceOf = (extras: bigint): bigint => field(extras, 0n, 88);
export const builderFeeOf = (extras: bigint): bigint => field(extras, 88n, 8);
export const builderOf = (extras: bigint): bigint => extras >> 96n;

/** Whether the words fit together. */
export function isSound(terms: bigint, extras: bigint): boolean {
  const flags = flagsOf(terms);
  const triggered = (flags & TRIGGERED) !== 0n;
  if ((flags & TRIGGERED) === TRIGGERED || triggered !== (triggerPriceOf(extras) !== 0n)) return false;
  if (builderFeeOf(extras) > MAX_BUILDER_FEE || (builderOf(extras) === 0n && builderFeeOf(extras) !== 0n)) return false;
  if ((flags & OrderFlags.Moment) !== 0n && (triggered || nonceOf(terms) !== 0n)) return false;
  if (flags > MAX_FLAGS) return false;
  if ((flags & OrderFlags.Attached) === 0n) return generationOf(terms) === 0n;
  return abs(sizeDeltaOf(terms)) <= MAX_SHARE;
}

/** Whether an order's trigger, if it has one, is met. @param price USD per base unit, 18 decimals. */
export function isTriggered(terms: bigint, extras: bigint, price: bigint): boolean {
  const flags = flagsOf(terms);
  if ((flags & OrderFlags.Above) !== 0n) return price >= triggerPriceOf(extras);
  return (flags & OrderFlags.Below) === 0n || price <= triggerPriceOf(extras);
}

/** Whether an order can make a position larger or turn it, whatever the position is. */
export function mayOpen(terms: bigint): boolean {
  const flags = flagsOf(terms);
  if ((flags & OrderFlags.ReduceOnly) !== 0n) return false;
  const share = sizeDeltaOf(terms);
  return (flags & OrderFlags.Attached) === 0n || share > 0n || share < -10_000n;
}

/** What an attached order trades: base units, 12 decimals, truncated toward zero. @param share Basis points. */
export const partOf = (size: bigint, share: bigint): bigint => (size * share) / 10_000n;

const ORDER_TYPE =
  'Order(address owner,uint96 sub,uint256 market,int88 sizeDelta,uint88 limitPrice,uint88 triggerPrice,uint8 flags,uint16 generation,uint32 deadline,uint24 nonce,address builder,uint8 builderFee)';
const ORDER_TYPEHASH = keccak256(stringToHex(ORDER_TYPE));
const BUNDLE_TYPEHASH = keccak256(stringToHex(`Bundle(Order[] orders)${ORDER_TYPE}`));
const word = (value: bigint): Hex => toHex(BigInt.asUintN(256, value), { size: 32 });

/** EIP-712 hash of an order in a market. */
export function hashOf(market: bigint, { account, terms, extras }: Order): Hex {
  const fields = [
    ...[BigInt(account) >> 96n, field(BigInt(account), 0n, 96), market],
    ...[sizeDeltaOf(terms), limitPriceOf(terms), triggerPriceOf(extras)],
    ...[flagsOf(terms), generationOf(terms), deadlineOf(terms), nonceOf(terms)],
    ...[builderOf(extras), builderFeeOf(extras)],
  ];
  return keccak256(concatHex([ORDER_TYPEHASH, ...fields.map(word)]));
}

/** EIP-712 hash of orders signed together. @param hashes Of each, see {@link hashOf}. */
export function bundleHash(hashes: readonly Hex[]): Hex {
  return keccak256(concatHex([BUNDLE_TYPEHASH, keccak256(concatHex(hashes))]));
}

/** An order as people name it. */
export interface OrderFields {
  account: Hex;
  /** Base units, 12 decimals, + buys; of an attached order basis points of the position: −10,000 closes it. */
  sizeDelta: bigint;
  /** Worst cost / size, USD per base unit, 18 decimals, spread and impact included, fees not. */
  limitPrice: bigint;
  reduceOnly?: boolean;
  /** The generation of the position it is attached to, with which it dies. */
  attachedTo?: bigint;
  /** Waits until the mid is at `price` or beyond it; USD per base unit, 18 decimals. */
  trigger?: { price: bigint; above: boolean };
  /** Seconds; the last at which it may be committed. */
  deadline?: bigint;
  /** Of a signed order, 1 to 2^24 − 1; none for one of the moment. */
  nonce?: bigint;
  /** To be committed within {@link MOMENT_SPAN} seconds, the last of which is the deadline. */
  moment?: boolean;
  bundled?: boolean;
  /** `fee` tenths of a basis point of notional. */
  builder?: { address: Address; fee: bigint };
}

/** Packs an order. Fields are taken modulo their width. */
export function packOrder(order: OrderFields): Order {
  const { trigger, builder } = order;
  const flags =
    (order.reduceOnly ? OrderFlags.ReduceOnly : 0n) |
    (order.attachedTo === undefined ? 0n : OrderFlags.Attached) |
    (trigger === undefined ? 0n : trigger.above ? OrderFlags.Above : OrderFlags.Below) |
    (order.moment ? OrderFlags.Moment : 0n) |
    (order.bundled ? OrderFlags.Bundled : 0n);
  const terms =
    BigInt.asUintN(88, order.sizeDelta) |
    (BigInt.asUintN(88, order.limitPrice) << 88n) |
    (BigInt.asUintN(32, order.deadline ?? 0n) << 176n) |
    (BigInt.asUintN(24, order.nonce ?? 0n) << 208n) |
    (BigInt.asUintN(16, order.attachedTo ?? 0n) << 232n) |
    (flags << 248n);
  const extras =
    BigInt.asUintN(88, trigger?.price ?? 0n) |
    (BigInt.asUintN(8, builder?.fee ?? 0n) << 88n) |
    (BigInt(builder?.address ?? 0n) << 96n);
  return { account: order.account, terms, extras };
}

/** An order's fields, each that is not there left out. */
export function unpackOrder({ account, terms, extras }: Order): OrderFields {
  const flags = flagsOf(terms);
  const has = (flag: bigint) => (flags & flag) !== 0n;
  const order: OrderFields = { account, sizeDelta: sizeDeltaOf(terms), limitPrice: limitPriceOf(terms) };
  if (has(OrderFlags.ReduceOnly)) order.reduceOnly = true;
  if (has(OrderFlags.Attached)) order.attachedTo = generationOf(terms);
  if (has(TRIGGERED)) order.trigger = { price: triggerPriceOf(extras), above: has(OrderFlags.Above) };
  if (deadlineOf(terms) !== 0n) order.deadline = deadlineOf(terms);
  if (nonceOf(terms) !== 0n) order.nonce = nonceOf(terms);
  if (has(OrderFlags.Moment)) order.moment = true;
  if (has(OrderFlags.Bundled)) order.bundled = true;
  if (builderOf(extras) !== 0n) {
    const address: Address = `0x${builderOf(extras).toString(16).padStart(40, '0')}`;
    order.builder = { address, fee: builderFeeOf(extras) };
  }
  return order;
}
