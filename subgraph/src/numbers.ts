import { BigInt, Bytes, ethereum } from '@graphprotocol/graph-ts';

export const ZERO = BigInt.fromI32(0);
export const ONE = BigInt.fromI32(1);
export const BPS = BigInt.fromI32(10_000);
/** Between cash of 30 decimals and money of 18; sizes have as many. */
export const RAW_PER_WAD = BigInt.fromI64(1_000_000_000_000);
export const WAD = BigInt.fromI64(1_000_000_000_000_000_000);
/** A US cent in 18 decimals. */
export const CENT = BigInt.fromI64(10_000_000_000_000_000);

/** Seconds. */
export const MINUTE: i64 = 60;
export const HOUR: i64 = 3_600;
export const DAY: i64 = 86_400;
const WEEK: i64 = 604_800;
/** The first Monday of 1970. */
const MONDAY: i64 = 345_600;

/** Rounded toward minus infinity. @param by Positive. */
export function divFloor(value: BigInt, by: BigInt): BigInt {
  const quotient = value.div(by);
  return value.lt(ZERO) && quotient.times(by).notEqual(value) ? quotient.minus(ONE) : quotient;
}

/** Rounded toward plus infinity. @param by Positive. */
export function divCeil(value: BigInt, by: BigInt): BigInt {
  return divFloor(value.neg(), by).neg();
}

export function min(a: BigInt, b: BigInt): BigInt {
  return a.lt(b) ? a : b;
}

export function max(a: BigInt, b: BigInt): BigInt {
  return a.gt(b) ? a : b;
}

export function clamp(value: BigInt, least: BigInt, most: BigInt): BigInt {
  return max(least, min(value, most));
}

/** The first second of the span of `length` seconds in which a time lies. */
export function startOf(time: i64, length: i64): i64 {
  return time - (time % length);
}

/** The second in which a week began, on Monday. */
export function weekOf(time: i64): i64 {
  return MONDAY + startOf(time - MONDAY, WEEK);
}

/** Where a log is on the chain: block number times 2^20 plus its index. */
export function sequenceOf(event: ethereum.Event): i64 {
  return (event.block.number.toI64() << 20) + event.logIndex.toI64();
}

/** Transaction and log. */
export function idOf(event: ethereum.Event): Bytes {
  return event.transaction.hash.concatI32(event.logIndex.toI32());
}
