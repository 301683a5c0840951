import type { FaultName, FaultSource } from '../src/faults/table.ts';

/** What refuses a fault: the contracts' error, with the state that it names; undefined where it is accepted. */
export interface FaultRefusal {
  readonly error: string;
  /** Of `PriceUseRefused`, its state. */
  readonly state?: 'Single' | 'Halted' | 'SequencerDown';
}

const invalid: FaultRefusal = { error: 'PriceInvalid' };
const outside: FaultRefusal = { error: 'PriceFeedNotFoundWithinRange' };
const unsigned: FaultRefusal = { error: 'InvalidWormholeVaa' };
const halted: FaultRefusal = { error: 'PriceUseRefused', state: 'Halted' };
const single: FaultRefusal = { error: 'PriceUseRefused', state: 'Single' };
const down: FaultRefusal = { error: 'PriceUseRefused', state: 'SequencerDown' };

/**
 * What the chain says of each fault today: Pyth's in an immediate close, out of order in an update of the index after a
 * newer one; Chainlink's and the sequencer's in a withdrawal.
 */
export const REFUSALS: Readonly<Record<FaultName, Partial<Record<FaultSource, FaultRefusal | undefined>>>> = {
  stale: { pyth: outside, chainlink: single },
  frozen: { pyth: halted, chainlink: halted },
  diverging: { pyth: halted, chainlink: halted },
  spiking: { pyth: invalid, chainlink: single },
  negative: { pyth: invalid, chainlink: single },
  zero: { pyth: invalid, chainlink: single },
  'wide-confidence': { pyth: invalid },
  'wrong-exponent': { pyth: invalid, chainlink: single },
  'future-time': { pyth: outside, chainlink: single },
  'out-of-order': { pyth: { error: 'PriceOlderThanIndex' }, chainlink: undefined },
  duplicated: { pyth: { error: 'InvalidArgument' }, chainlink: undefined },
  padded: { pyth: { error: 'InvalidUpdateData' } },
  'wrong-signer': { pyth: unsigned },
  'too-few-signers': { pyth: unsigned },
  'sequencer-down': { sequencer: down },
  'sequencer-up': { sequencer: down },
  'at-bound': { chainlink: single },
};
