import { bytesToHex } from 'viem';
import { DifferenceError } from '../../../sdk/test/differential/difference.ts';
import { Random } from '../../../sdk/test/differential/random.ts';
import { putTogether } from '../../../sdk/test/updateParts.ts';
import type { Base } from './bases.ts';
import { DECODED, Judge, type Verdict } from './judge.ts';
import { classesOf, mutate } from './mutations.ts';

/** How many mutated updates met each verdict, by class and by `sdk: chain`. */
export type Counts = Record<string, Record<string, number>>;

export function addCounts(to: Counts, counts: Counts): void {
  for (const [of, verdicts] of Object.entries(counts)) {
    const sums = to[of] ?? {};
    to[of] = sums;
    for (const [verdict, count] of Object.entries(verdicts)) sums[verdict] = (sums[verdict] ?? 0) + count;
  }
}

export const verdictName = ({ sdk, chain }: Verdict): string => `${sdk}: ${chain}`;

/** Mutated updates, each drawn from a number of its own, so that any of them can be made again. */
export class Fuzz {
  private readonly classes: readonly string[];

  private constructor(
    private readonly bases: readonly Base[],
    private readonly judge: Judge,
  ) {
    this.classes = classesOf(bases);
  }

  /**
   * Asks about every sound update first.
   * @param artifacts Folder of forge's output.
   * @param bases Sound updates, to be mutated.
   * @throws {DifferenceError} When one is refused or says what was not signed.
   */
  static async create(artifacts: string, bases: readonly Base[]): Promise<Fuzz> {
    const judge = await Judge.create(artifacts, bases);
    for (const { signers, parts, feeds } of bases) {
      const verdict = await judge.judge(signers, putTogether(parts), { ids: feeds, minimal: true });
      if (verdict.chain !== DECODED) throw new DifferenceError(`A sound update is refused: ${verdictName(verdict)}.`);
    }
    return new Fuzz(bases, judge);
  }

  /**
   * @param i Number of the update; its remainder chooses the class.
   * @throws {DifferenceError} With all that is needed to see it again.
   */
  async update(seed: number, i: number, counts: Counts): Promise<void> {
    const random = new Random(seed * 1_000_003 + i);
    const of = this.classes[i % this.classes.length] as string;
    const { base, mutated } = await mutate(random, of, this.bases);
    const ids = random.chance(0.25) ? base.feeds.slice(0, random.int(0, base.feeds.length)) : base.feeds;
    const query = { ids, minimal: random.chance(0.5) };
    try {
      const verdict = verdictName(await this.judge.judge(base.signers, mutated, query));
      addCounts(counts, { [of]: { [verdict]: 1 } });
    } catch (error) {
      if (!(error instanceof DifferenceError)) throw error;
      throw new DifferenceError(
        `Update ${i} of seed ${seed}, ${of}, signers ${base.signers.name}:\n${error.message}\n${bytesToHex(mutated)}`,
      );
    }
  }
}
