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
}

const { artifacts, seed, first, step, count, long } = JSON.parse(process.argv[2] ?? '{}') as Share;
try {
  const fuzz = await Fuzz.create(artifacts);
  const counts = noCounts();
  if (first === 0 && long > 0) await fuzz.long(seed, long, counts);
  for (let i = first; i < count; i += step) await fuzz.sequence(seed + i, counts);
  process.send?.(counts);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
