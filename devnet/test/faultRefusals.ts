import { ContractRefusedError } from '@tidemark/sdk';
import { expect } from 'vitest';
import { PriceState } from '../../sdk/src/math/index.ts';
import type { FaultName, FaultSource } from '../src/faults/table.ts';

/** As in the contracts' enumeration PriceUse. */
export const USES = {
  settle: 0,
  close: 1,
  liquidate: 2,
  withdraw: 3,
  liquidity: 4,
  index: 5,
  deleverage: 6,
  crystallise: 7,
} as const;
/** As in the contracts' enumeration PriceReason. */
export const REASONS = {
  None: 0,
  Deviation: 1,
  Confidence: 2,
  Breaker: 3,
  AnchorSilent: 4,
  QuoteSilent: 5,
  UptimeUnreadable: 6,
  NoSource: 7,
  FarFromMean: 8,
  Bounds: 9,
  Guardian: 10,
  Down: 11,
  Grace: 12,
} as const;

/** What refuses a fault: the contracts' error, with the state and the reason that it names; undefined where it is accepted. */
export interface FaultRefusal {
  readonly error: string;
  /** Of `PriceUseRefused`, its state. */
  readonly state?: keyof typeof PriceState;
  /** Likewise, its reason. */
  readonly reason?: keyof typeof REASONS;
}

const invalid: FaultRefusal = { error: 'PriceInvalid' };
const outside: FaultRefusal = { error: 'PriceFeedNotFoundWithinRange' };
const unsigned: FaultRefusal = { error: 'InvalidWormholeVaa' };
const refused = (
  state: NonNullable<FaultRefusal['state']>,
  reason: NonNullable<FaultRefusal['reason']>,
): FaultRefusal => ({
  error: 'PriceUseRefused',
  state,
  reason,
});
const halted = refused('Halted', 'Deviation');
const outOfBounds = refused('Halted', 'Bounds');
const single = refused('Single', 'AnchorSilent');

/**
 * What the chain says of each fault today: Pyth's in an immediate close, out of order in an update of the index after a
 * newer one; Chainlink's and the sequencer's in a withdrawal; USDC's in a deposit of liquidity.
 */
export const REFUSALS: Readonly<Record<FaultName, Partial<Record<FaultSource, FaultRefusal | undefined>>>> = {
  stale: { pyth: outside, chainlink: single },
  frozen: { pyth: halted, chainlink: halted },
  diverging: { pyth: halted, chainlink: halted },
  spiking: { pyth: outOfBounds, chainlink: outOfBounds },
  negative: { pyth: invalid, chainlink: single },
  zero: { pyth: invalid, chainlink: single },
  'wide-confidence': { pyth: invalid },
  'wrong-exponent': { pyth: invalid, chainlink: outOfBounds },
  'future-time': { pyth: outside, chainlink: single },
  'out-of-order': { pyth: { error: 'PriceOlderThanIndex' }, chainlink: undefined },
  duplicated: { pyth: { error: 'InvalidArgument' }, chainlink: undefined },
  padded: { pyth: { error: 'InvalidUpdateData' } },
  'wrong-signer': { pyth: unsigned },
  'too-few-signers': { pyth: unsigned },
  'sequencer-down': { sequencer: refused('SequencerDown', 'Down') },
  'sequencer-up': { sequencer: refused('SequencerDown', 'Grace') },
  unreadable: { sequencer: refused('Single', 'UptimeUnreadable') },
  'at-bound': { chainlink: outOfBounds },
  'usdc-off-peg': { usdc: { error: 'OffPeg' } },
};

/** The contracts refuse a use of ETH's price by this error and, where it names one, in this state. */
export async function expectRefused(
  attempt: Promise<unknown>,
  use: keyof typeof USES,
  { error, state, reason }: FaultRefusal,
): Promise<void> {
  const thrown = await attempt.then(
    () => expect.fail('it was permitted'),
    (error) => error,
  );
  expect(thrown).toBeInstanceOf(ContractRefusedError);
  const named = state && reason && { args: [0n, USES[use], PriceState[state], REASONS[reason]] };
  expect(thrown).toMatchObject({ error, ...named });
}
