import { Fuzz, noCounts } from './fuzz.ts';

/** Sequences `seed + first`, `seed + first + step`, … below `seed + count`. */
export interface Share {
  artifacts: string;
  seed: number;
  first: number;
  step: number;
  count: number;
  /** Operations of the one long sequence, which the first worker takes. */
  long: number;
  /** See {@link Fuzz.create}. */
  prevRandao?: number;
}

/** How far a worker has come. */
export interface Progress {
  sequences: number;
  operations: number;
}

const { artifacts, seed, first, step, count, long, prevRandao } = JSON.parse(process.argv[2] ?? '{}') as Share;
/** Every how many sequences, or operations of the long one, the parent is told. */
const STEP = 250;

try {
  const fuzz = await Fuzz.create(artifacts, prevRandao);
  const counts = noCounts();
  const tell = () => process.send?.({ sequences: counts.sequences, operations: counts.operations } satisfies Progress);
  if (first === 0 && long > 0) await fuzz.long(seed, long, counts, () => counts.operations % STEP === 0 && tell());
  for (let i = first; i < count; i += step) {
    await fuzz.sequence(seed + i, counts);
    if (counts.sequences % STEP === 0) tell();
  }
  process.send?.(counts);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  // Not 1, by which Node ends when it cannot run this.
  process.exitCode = 2;
}
