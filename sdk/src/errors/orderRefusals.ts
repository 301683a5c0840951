import { toHex } from 'viem';
import { Refusal } from '../math/engineTypes.ts';
import { seconds, usd } from './quantities.ts';
import type { Sentence } from './tidemarkError.ts';

export type OrderRefusalName = keyof typeof Refusal;

/** Why an order is not taken: `Refusal` of the contracts, by number. */
export const ORDER_REFUSALS = Object.keys(Refusal) as readonly OrderRefusalName[];

const address = (word: bigint) => toHex(BigInt.asUintN(160, word), { size: 20 });
/** Tenths of a basis point. */
const rate = (fee: bigint) => `${Number(fee) / 10} bp`;

const SENTENCES: Record<OrderRefusalName, (actual: bigint, limit: bigint) => Sentence> = {
  None: () => ({ what: 'The order was taken.', next: 'Nothing is to do.' }),
  SignatureInvalid: (signer, owner) => ({
    what:
      signer === 0n
        ? 'The signature is nobody’s, or the order is not in its bundle.'
        : `The order as it is was signed by ${address(signer)}, who is neither the owner ${address(owner)} nor a delegate.`,
    next: 'Sign it again, for this chain, this exchange and this market.',
  }),
  ZeroSize: () => ({ what: 'The size is zero.', next: 'Give a size.' }),
  TermsInvalid: (flags) => ({
    what: `The order's fields do not fit together (flags ${flags}).`,
    next: "Build it by the SDK's own functions.",
  }),
  DeadlinePassed: (time, deadline) => ({
    what: `It is ${seconds(time)}; the order could be committed until ${seconds(deadline)}.`,
    next: 'Sign a new one with a later deadline.',
  }),
  NonceUsed: (nonce) => ({
    what: `The nonce or moment ${nonce} of the order is used up, cancelled, or not its time.`,
    next: 'Sign with another nonce, or for the present moment.',
  }),
  OrdersPending: (pending, limit) => ({
    what: `${pending} order(s) of the account are pending, at most ${limit} may be.`,
    next: 'Wait until they settle or expire: a minute at most.',
    retryable: true,
  }),
  BuilderNotApproved: (fee, approved) => ({
    what: `The builder asks for ${rate(fee)}, the owner has approved ${rate(approved)}.`,
    next: 'Let the owner approve the builder, or leave the fee out.',
  }),
  DelegateNotPermitted: (permissions, needed) => ({
    what: `Who brings the order may not (permissions ${permissions}, needed ${needed}), or not in this market, or no longer.`,
    next: 'Let the owner sign it, or permit the delegate.',
  }),
  DelegateLimit: (spent, limit) => ({
    what: `The delegate would have traded $${spent} today, at most $${limit} is permitted.`,
    next: 'Trade a smaller size, wait until tomorrow (UTC), or let the owner raise the limit.',
  }),
  TriggerNotMet: (index, price) => ({
    what: `The index ${usd(index)} has not reached the trigger price ${usd(price)}.`,
    next: 'Commit the order when it has.',
    retryable: true,
  }),
  PositionEnded: () => ({
    what: 'The position that the order is attached to is closed.',
    next: 'Attach a new order to a new position.',
  }),
  MarginTooLow: (margin, required) => ({
    what: `The account's margin is ${usd(margin)}, ${usd(required)} is needed.`,
    next: 'Deposit more or ask for less.',
  }),
  AccountOfEarnings: () => ({
    what: "An owner's last sub-account only takes in what is earned while the first one is bound; it takes no orders.",
    next: 'Trade by another sub-account.',
  }),
  IndexStale: (age, limit) => ({
    what: `The price of another market of the account is ${age} s old, at most ${limit} s when opening.`,
    next: 'Update the indices of the account’s other markets, then commit again; reduce-only orders need not wait.',
    retryable: true,
  }),
  OrdersElsewhere: (pending, market) => ({
    what: `Orders of the account are pending in market ${pending}; none is taken in market ${market} meanwhile.`,
    next: 'Wait until they settle or expire, a minute at most, or use another sub-account.',
    retryable: true,
  }),
};

/** Name of a `Refusal`; throws on a number the contracts do not know. */
export function orderRefusalName(reason: number): OrderRefusalName {
  const name = ORDER_REFUSALS[reason];
  if (!name) throw new RangeError(`Refusal ${reason} is unknown: the contracts are newer than this SDK.`);
  return name;
}

/**
 * Why an order was not taken and what to do, of an `OrderRefused` or `OrderLeftOut`.
 * @param actual What there was.
 * @param limit What there should have been.
 */
export function describeOrderRefusal(reason: number, actual: bigint, limit: bigint): Sentence {
  return SENTENCES[orderRefusalName(reason)](actual, limit);
}
