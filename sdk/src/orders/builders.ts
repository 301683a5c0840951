import type { Position } from '../math/engineTypes.ts';
import { MAX_LIMIT_PRICE, MAX_SHARE, MOMENT_SPAN, type OrderFields } from '../math/orderWords.ts';
import { OrderInvalidError } from './orderErrors.ts';

/** A limit price that binds no buy; what binds no sell is zero. */
export const NO_LIMIT = MAX_LIMIT_PRICE;

const BPS = 10_000n;

/** What every order may carry beside what it trades. */
export type OrderBase = Pick<OrderFields, 'account' | 'deadline' | 'nonce' | 'moment' | 'bundled' | 'builder'>;

interface Sized extends OrderBase {
  /** Base units, 12 decimals, + buys. */
  sizeDelta: bigint;
  /** Fills at most what closes the position. */
  reduceOnly?: boolean;
}

interface Bounded {
  /** Worst cost / size, USD per base unit, 18 decimals, spread and impact included; none binds when absent. */
  limitPrice?: bigint;
}

/** What an order is attached to. */
interface Attached extends OrderBase, Bounded {
  position: Pick<Position, 'size' | 'generation'>;
}

interface Exit extends Attached {
  /** USD per base unit, 18 decimals: of the mid. */
  price: bigint;
  /** Of the position as it is then, basis points; all of it when absent. */
  shareBps?: bigint;
}

const unbound = (buys: boolean) => (buys ? NO_LIMIT : 0n);

/** Signs an order for the moment: it needs no nonce, and must be committed from `time` on within 24 seconds. */
export function momentAt(time: bigint): { moment: true; deadline: bigint } {
  return { moment: true, deadline: time + MOMENT_SPAN - 1n };
}

/** An order that fills at whatever the market costs, or up to its limit price. */
export function marketOrder({ limitPrice, ...order }: Sized & Bounded): OrderFields {
  return { ...order, limitPrice: limitPrice ?? unbound(order.sizeDelta > 0n) };
}

/**
 * An order that waits for a better price and never costs more than `price`. It may be committed once the mid is better
 * than that by `roomBps`, which has to cover spread and impact: with less than they are it would fail.
 */
export function limitOrder({ price, roomBps = 10n, ...order }: limitOrder.Parameters): OrderFields {
  const buys = order.sizeDelta > 0n;
  const mid = (price * (buys ? BPS - roomBps : BPS + roomBps)) / BPS;
  return { ...order, limitPrice: price, trigger: { price: mid, above: !buys } };
}

export declare namespace limitOrder {
  interface Parameters extends Sized {
    /** USD per base unit, 18 decimals: a buy never pays more, a sell never gets less. */
    price: bigint;
    /** Basis points; 10 when absent. */
    roomBps?: bigint;
  }
}

/** An order that waits until the mid has run to `price`: up for a buy, down for a sell. */
export function stopOrder({ price, limitPrice, ...order }: stopOrder.Parameters): OrderFields {
  const buys = order.sizeDelta > 0n;
  return { ...order, limitPrice: limitPrice ?? unbound(buys), trigger: { price, above: buys } };
}

export declare namespace stopOrder {
  interface Parameters extends Sized, Bounded {
    /** USD per base unit, 18 decimals: of the mid. */
    price: bigint;
  }
}

/** @param shareBps Of the position that leaves, basis points. */
function leaving({ position, limitPrice, ...order }: Attached, shareBps: bigint): OrderFields {
  const { size, generation } = position;
  if (size === 0n) throw new OrderInvalidError('There is no position to attach the order to.', 'Open one first.');
  if (shareBps <= 0n || shareBps > MAX_SHARE) {
    throw new OrderInvalidError(`The share of ${shareBps} basis points is out of range.`, `Give 1 to ${MAX_SHARE}.`);
  }
  return {
    ...order,
    sizeDelta: -shareBps,
    limitPrice: limitPrice ?? unbound(size < 0n),
    attachedTo: generation,
    ...(shareBps <= BPS && { reduceOnly: true }),
  };
}

/** Closes a share of a position once the mid has run in its favour to `price`. Dies with the position. */
export function takeProfit({ price, shareBps = BPS, ...exit }: Exit): OrderFields {
  return { ...leaving(exit, shareBps), trigger: { price, above: exit.position.size > 0n } };
}

/** Closes a share of a position once the mid has run against it to `price`. Dies with the position. */
export function stopLoss({ price, shareBps = BPS, ...exit }: Exit): OrderFields {
  return { ...leaving(exit, shareBps), trigger: { price, above: exit.position.size < 0n } };
}

/** Closes all of a position, however large it is by then. Dies with the position. */
export function closeAll(order: Attached): OrderFields {
  return leaving(order, BPS);
}

/** Closes a position and opens one as large on the other side. Dies with the position. */
export function reverse(order: Attached): OrderFields {
  return leaving(order, 2n * BPS);
}

/**
 * Limit orders at even steps from one price to another, that sum up to `sizeDelta`; the first has `nonce`, each further one
 * the next.
 */
export function ladder({ from, to, rungs, rising = false, nonce, ...order }: ladder.Parameters): OrderFields[] {
  if (!Number.isInteger(rungs) || rungs < 2) {
    throw new OrderInvalidError(`A ladder of ${rungs} rungs is none.`, 'Give at least two rungs.');
  }
  const count = BigInt(rungs);
  const parts = rising ? (count * (count + 1n)) / 2n : count;
  /** Of the first `n` rungs. */
  const sizeOf = (n: bigint) => (order.sizeDelta * (rising ? (n * (n + 1n)) / 2n : n)) / parts;
  return Array.from({ length: rungs }, (_, i) => {
    const place = BigInt(i);
    return limitOrder({
      ...order,
      sizeDelta: sizeOf(place + 1n) - sizeOf(place),
      price: from + ((to - from) * place) / (count - 1n),
      ...(nonce !== undefined && { nonce: nonce + place }),
    });
  });
}

export declare namespace ladder {
  interface Parameters extends Omit<limitOrder.Parameters, 'price' | 'moment'> {
    /** Of the first rung: USD per base unit, 18 decimals. */
    from: bigint;
    /** Of the last rung. */
    to: bigint;
    /** Two or more; 32 fit one signature. */
    rungs: number;
    /** Sizes grow evenly from the first rung to the last instead of being equal. */
    rising?: boolean;
  }
}
