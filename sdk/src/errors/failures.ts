import { type Failure, failureNames } from '../math/engineTypes.ts';

export type FailureName = keyof typeof Failure;

/** Why a committed order fails: `Failure` of the contracts, by number. */
export const FAILURES: readonly FailureName[] = failureNames;

const SENTENCES: Record<FailureName, { what: string; next: string }> = {
  None: { what: 'The order filled.', next: 'Nothing is to do.' },
  Purged: {
    what: 'The account was liquidated after the order was committed.',
    next: 'Look at what is left of the account, then commit a new order.',
  },
  LimitExceeded: {
    what: 'The fill would have cost more than the limit price allows.',
    next: 'Allow a wider limit, or trade a smaller size.',
  },
  NothingToReduce: {
    what: 'A reduce-only order found no position on the other side.',
    next: 'Check that the position is still open, or commit without reduce-only.',
  },
  CapReached: {
    what: "A cap leaves no room: of the market's skew or open interest, its part of the pool, or the account's position.",
    next: 'Wait until others close, or trade the other side.',
  },
  Dust: {
    what: 'What would fill, or what would remain, is too small.',
    next: 'Trade a larger size, or close the whole position.',
  },
  MarginTooLow: {
    what: "The account's margin does not cover the position.",
    next: 'Deposit more, or trade a smaller size.',
  },
  EquityNegative: {
    what: "The account's losses exceed its margin.",
    next: 'Deposit to bring equity above zero, then reduce.',
  },
  TooManyPositions: {
    what: 'The account already holds 8 positions.',
    next: 'Close one, or use another sub-account.',
  },
  OpeningPaused: {
    what: 'The market takes no opening orders at present.',
    next: 'Reduce or close as you like; open when the market is open again.',
  },
  TooLarge: {
    what: "The position would be larger than the exchange's $500 M.",
    next: 'Trade a smaller size.',
  },
  PositionEnded: {
    what: 'The position that the order was attached to is closed, or the share of it is nothing.',
    next: 'Nothing is left to protect; attach a new order to a new position.',
  },
};

/** Name of a `Failure`; throws on a number the contracts do not know. */
export function failureName(reason: number): FailureName {
  const name = FAILURES[reason];
  if (!name) throw new RangeError(`Failure ${reason} is unknown: the contracts are newer than this SDK.`);
  return name;
}

/** What happened to an order and what to do, of an `OrderFailed` or `TradeFailed`. */
export function describeFailure(reason: number): { what: string; next: string } {
  return SENTENCES[failureName(reason)];
}
