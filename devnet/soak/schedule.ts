import { DevnetError } from '../src/errors.ts';
import { generator, hash } from '../src/random.ts';

export const FAULT_KINDS = ['rpc', 'kill', 'reorg', 'stale', 'gas'] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** A fault that is to be. */
export interface PlannedFault {
  readonly kind: FaultKind;
  /** The block, counted from the first, after which it begins. */
  readonly at: number;
  /** Blocks it lasts. */
  readonly blocks: number;
  /** Which keeper it befalls, where it befalls one. */
  readonly victim: number;
  /** Whether it is the harder of its two ways: every RPC of the keeper is down, prices are stale beyond an order's window. */
  readonly hard: boolean;
}

/** Blocks after a fault that are not counted. */
export const AFTER = 10;
/** Blocks without a fault at the beginning, in which positions are opened. */
export const WARM_UP = 20;
/** Blocks at the end in which no order is placed: the window of the last one, and a few. */
export const DRAIN = 40;
/** Blocks of a reorganisation. */
export const REORG_DEPTH = 5;

const SHORT: Readonly<Record<FaultKind, number>> = { rpc: 15, kill: 6, reorg: 1, stale: 15, gas: 15 };
/** Longer than the minute in which an order has to be included. */
const LONG_STALE = 40;

/**
 * Each kind of fault once a round, in an order drawn from the seed, none before the one before it is over and forgotten.
 * @param blocks How many the soak has.
 * @throws {DevnetError} When they are too few.
 */
export function scheduleFaults(seed: number, blocks: number, rounds: number, keepers: number): PlannedFault[] {
  const random = generator(hash(seed, rounds, 7));
  const faults = Array.from({ length: rounds }, (_, round) =>
    shuffled(FAULT_KINDS, random).map((kind) => {
      const hard = round % 2 === 1;
      const length = kind === 'stale' && hard ? LONG_STALE : SHORT[kind];
      return { kind, blocks: length, victim: round % keepers, hard };
    }),
  ).flat();
  const lasting = faults.reduce((sum, fault) => sum + fault.blocks, 0);
  const free = blocks - WARM_UP - DRAIN - lasting;
  const gap = Math.floor(free / faults.length);
  if (gap < AFTER + 2) {
    throw new DevnetError(
      `${blocks} blocks are too few for ${faults.length} faults.`,
      'Give more minutes, a higher speed or fewer rounds of faults.',
    );
  }
  let at = WARM_UP;
  return faults.map((fault) => {
    const begins = at + Math.floor(random() * (gap - AFTER - 1));
    at += fault.blocks + gap;
    return { ...fault, at: begins };
  });
}

function shuffled<T>(all: readonly T[], random: () => number): T[] {
  const rest = [...all];
  return Array.from(all, () => rest.splice(Math.floor(random() * rest.length), 1)[0] as T);
}
