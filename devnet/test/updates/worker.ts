import { beWorker, send, shareOf } from '../../../sdk/test/runWorker.ts';
import { devnetBases, guardianBases, realBases } from './bases.ts';
import { type Counts, Fuzz } from './fuzz.ts';

/** Updates `first`, `first + step`, … below `count`. */
export interface Share {
  artifacts: string;
  /** Whether real updates are among those mutated, from TIDEMARK_DATA. */
  real: boolean;
  seed: number;
  first: number;
  step: number;
  count: number;
}

const { artifacts, real, seed, first, step, count } = shareOf<Share>();
/** Every how many updates the parent is told. */
const STEP = 1000;

await beWorker(async () => {
  const bases = [devnetBases(), guardianBases(), real ? realBases() : []];
  const fuzz = await Fuzz.create(artifacts, (await Promise.all(bases)).flat());
  const counts: Counts = {};
  let done = 0;
  for (let i = first; i < count; i += step) {
    await fuzz.update(seed, i, counts);
    if (++done % STEP === 0) send<number, Counts>({ progress: done });
  }
  send<number, Counts>({ result: counts });
});
