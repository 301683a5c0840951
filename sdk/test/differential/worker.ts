import { beWorker, send, shareOf } from '../runWorker.ts';
import { type Counts, Fuzz, noCounts } from './fuzz.ts';

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

const { artifacts, seed, first, step, count, long, prevRandao } = shareOf<Share>();
/** Every how many sequences, or operations of the long one, the parent is told. */
const STEP = 250;

await beWorker(async () => {
  const fuzz = await Fuzz.create(artifacts, prevRandao);
  const counts = noCounts();
  const tell = () => {
    const { sequences, operations } = counts;
    send<Progress, Counts>({ progress: { sequences, operations } });
  };
  if (first === 0 && long > 0) await fuzz.long(seed, long, counts, () => counts.operations % STEP === 0 && tell());
  for (let i = first; i < count; i += step) {
    await fuzz.sequence(seed + i, counts);
    if (counts.sequences % STEP === 0) tell();
  }
  send<Progress, Counts>({ result: counts });
});
