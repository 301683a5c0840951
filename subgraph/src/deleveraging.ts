import { BigInt } from '@graphprotocol/graph-ts';
import { Deleveraging } from '../generated/schema';
import { clamp, ONE, ZERO } from './numbers';

// Positions carried forward to a later deleveraging of their side, as deleveragingMath.ts does.
// Source: docs/mechanism.md#deleveraging.

/** One in the scale of multipliers: 2^127. */
export const WHOLE = ONE.leftShift(127);
/** Below it a round ends: 2^95. */
export const LEAST_MULTIPLIER = ONE.leftShift(95);
/** Bounds of a position's cash. */
const MOST_CASH = ONE.leftShift(135).minus(ONE);
const LEAST_CASH = ONE.leftShift(135).neg();

/** Of a size that is not zero, or of what was bought. */
export function sideOf(size: BigInt): string {
  return size.lt(ZERO) ? 'short' : 'long';
}

export function deleveragingId(market: string, side: string, number: i32): string {
  return `${market}-${side}-${number}`;
}

/** Where a side stands after one of its deleveragings. */
export class Checkpoint {
  multiplier: BigInt;
  round: i32;
  perUnitCash: BigInt;

  constructor(multiplier: BigInt, round: i32, perUnitCash: BigInt) {
    this.multiplier = multiplier;
    this.round = round;
    this.perUnitCash = perUnitCash;
  }
}

/** @param number Zero: before the first. */
export function checkpointOf(market: string, side: string, number: i32): Checkpoint {
  if (number == 0) return new Checkpoint(WHOLE, 0, ZERO);
  const cut = cutOf(market, side, number);
  return new Checkpoint(cut.multiplier, cut.round, cut.perUnitCash);
}

function cutOf(market: string, side: string, number: i32): Deleveraging {
  const cut = Deleveraging.load(deleveragingId(market, side, number));
  if (cut == null) throw new Error(`Nothing is known of deleveraging ${number} of market ${market}.`);
  return cut;
}

/** A position's size and cash at a checkpoint of its side. */
export class Carried {
  size: BigInt;
  cash: BigInt;
  checkpoint: i32;
  /** The market's cumulative funding then, price 18. */
  funding: BigInt = ZERO;

  constructor(size: BigInt, cash: BigInt, checkpoint: i32) {
    this.size = size;
    this.cash = cash;
    this.checkpoint = checkpoint;
  }

  /** Within one round: size and moved cash truncated, cash stopped at its width. */
  carry(from: Checkpoint, multiplier: BigInt, perUnitCash: BigInt): void {
    const moved = this.size.times(perUnitCash.minus(from.perUnitCash)).div(from.multiplier);
    this.cash = clamp(this.cash.plus(moved), LEAST_CASH, MOST_CASH);
    this.size = this.size.times(multiplier).div(from.multiplier);
  }
}

/** A position as it is stored, carried to a later deleveraging of its side. */
export function carriedTo(market: string, side: string, stored: Carried, number: i32): Carried {
  const position = new Carried(stored.size, stored.cash, number);
  let from = checkpointOf(market, side, stored.checkpoint);
  for (let next = stored.checkpoint + 1; next <= number; next++) {
    const cut = cutOf(market, side, next);
    if (cut.endsRound && !position.size.isZero()) {
      position.carry(from, cut.endMultiplier, cut.endPerUnitCash);
      from = new Checkpoint(WHOLE, cut.round, ZERO);
    }
    position.funding = cut.funding;
  }
  const to = checkpointOf(market, side, number);
  if (!position.size.isZero()) position.carry(from, to.multiplier, to.perUnitCash);
  return position;
}
