import { Chain } from './chain.ts';
import { compareStorage, type StepReport, step } from './compare.ts';
import { DifferenceError } from './difference.ts';
import { nextOperation } from './generate.ts';
import { Random } from './random.ts';
import { SCENES, type Scene, vast } from './scenes.ts';
import { type Addresses, deploy, type Operation, signed, type World } from './world.ts';

export interface Counts {
  sequences: number;
  operations: number;
  succeeded: number;
  previews: number;
  functions: Record<string, { succeeded: number; refused: number }>;
  errors: Record<string, number>;
  failures: Record<string, number>;
  /** Orders not taken, by the reason's number. */
  refusals: Record<string, number>;
  released: number;
}

export const noCounts = (): Counts => ({
  sequences: 0,
  operations: 0,
  succeeded: 0,
  previews: 0,
  functions: {},
  errors: {},
  failures: {},
  refusals: {},
  released: 0,
});

/** Adds what was counted elsewhere. */
export function addCounts(into: Counts, from: Counts): void {
  for (const key of ['sequences', 'operations', 'succeeded', 'previews', 'released'] as const) into[key] += from[key];
  for (const [name, { succeeded, refused }] of Object.entries(from.functions)) {
    into.functions[name] ??= { succeeded: 0, refused: 0 };
    into.functions[name].succeeded += succeeded;
    into.functions[name].refused += refused;
  }
  for (const key of ['errors', 'failures', 'refusals'] as const)
    for (const [name, count] of Object.entries(from[key])) into[key][name] = (into[key][name] ?? 0) + count;
}

function count(counts: Counts, { name, refusal, failures, refusals, released, previewed }: StepReport): void {
  if (name === '') return;
  counts.operations++;
  counts.functions[name] ??= { succeeded: 0, refused: 0 };
  if (refusal) counts.functions[name].refused++;
  else {
    counts.functions[name].succeeded++;
    counts.succeeded++;
  }
  if (previewed) counts.previews++;
  if (refusal) counts.errors[refusal.name] = (counts.errors[refusal.name] ?? 0) + 1;
  const reasons = refusal?.name === 'TradeFailed' ? [...failures, Number(refusal.args[0])] : failures;
  for (const reason of reasons) counts.failures[reason] = (counts.failures[reason] ?? 0) + 1;
  const left = refusal?.name === 'OrderRefused' ? [...refusals, Number(refusal.args[0])] : refusals;
  for (const reason of left) counts.refusals[reason] = (counts.refusals[reason] ?? 0) + 1;
  counts.released += released;
}

interface Stage {
  scene: Scene;
  world: World;
  snapshot: ReturnType<Chain['state']['snapshot']>;
}

/** Runs seeded sequences on the contracts and the model; a difference ends it with the shortest sequence that shows it. */
export class Fuzz {
  private readonly stages: (Stage | undefined)[] = [];

  private constructor(
    private readonly chain: Chain,
    private readonly at: Addresses,
    private readonly origin: Stage,
  ) {}

  /** Parameters as of {@link Chain.create}. */
  static async create(artifacts: string, prevRandao = 0): Promise<Fuzz> {
    const chain = await Chain.create(artifacts, { prevRandao });
    const { at, world } = await deploy(chain);
    compareStorage(chain, at, world);
    const scene: Scene = { name: 'deployed', steps: [], focus: [] };
    return new Fuzz(chain, at, { scene, world, snapshot: chain.state.snapshot() });
  }

  private async stage(index: number): Promise<Stage> {
    const found = this.stages[index];
    if (found) return found;
    const build = SCENES[index]?.[0];
    if (!build) throw new Error(`There is no scene ${index}.`);
    const stage = await this.enter(build());
    this.stages[index] = stage;
    return stage;
  }

  /** Takes a scene's steps on both sides. */
  private async enter(scene: Scene): Promise<Stage> {
    this.chain.state.restore(this.origin.snapshot);
    let { world } = this.origin;
    for (const op of scene.steps) {
      const taken = await step(this.chain, this.at, world, op, { storage: false });
      if (taken.report.refusal || taken.report.failures.length > 0)
        throw new Error(`Scene ${scene.name}: ${op.name} ${text(taken.report)}`);
      world = taken.world;
    }
    compareStorage(this.chain, this.at, world);
    return { scene, world, snapshot: this.chain.state.snapshot() };
  }

  /**
   * One sequence over fifty markets and accounts; every word is compared at each twentieth operation and at the end.
   * @throws {DifferenceError} With the seed and the number of the operation.
   */
  async long(seed: number, operations: number, counts: Counts, onStep: () => void): Promise<void> {
    const random = new Random(seed);
    let { world } = await this.enter(vast());
    for (let i = 1; i <= operations; i++) {
      const mood = { volatility: i % 500 < 20 ? 0.1 : 0.004 };
      const next = () => signed(nextOperation(random, world, mood, []), this.at.engine);
      let op = await next();
      // Or all markets would have ended before the sequence has.
      while (op.name === 'scheduleSettlement' && random.chance(0.97)) op = await next();
      try {
        const storage = i % 20 === 0 || i === operations;
        const taken = await step(this.chain, this.at, world, op, { previews: random.chance(0.5), storage });
        world = taken.world;
        count(counts, taken.report);
        onStep();
      } catch (error) {
        if (!(error instanceof DifferenceError)) throw error;
        throw new DifferenceError(`Long sequence, seed ${seed}, operation ${i}: ${error.message}`);
      }
    }
    counts.sequences++;
  }

  /** One sequence. @throws {DifferenceError} With the seed and the shortened steps. */
  async sequence(seed: number, counts: Counts): Promise<void> {
    const random = new Random(seed);
    const stage = await this.stage(pickScene(random));
    this.chain.state.restore(stage.snapshot);
    const mood = { volatility: random.pick([0.002, 0.01, 0.05, 0.3]) };
    const length = random.int(4, 10);
    const steps: Operation[] = [];
    let { world } = stage;
    try {
      for (let i = 0; i < length; i++) {
        const op = await signed(nextOperation(random, world, mood, stage.scene.focus), this.at.engine);
        steps.push(op);
        const taken = await step(this.chain, this.at, world, op, { previews: random.chance(0.5) });
        world = taken.world;
        count(counts, taken.report);
      }
    } catch (error) {
      if (!(error instanceof DifferenceError)) throw error;
      const shortest = await this.shrink(stage, steps);
      throw new DifferenceError(`Seed ${seed}, scene ${stage.scene.name}: ${error.message}\n${text(shortest)}`);
    }
    counts.sequences++;
  }

  /** Leaves out every step without which the two still differ; the time that passed stays. */
  private async shrink(stage: Stage, steps: readonly Operation[]): Promise<Operation[]> {
    let kept = [...steps];
    for (let i = kept.length - 2; i >= 0; i--) {
      const dropped = kept[i];
      const next = kept[i + 1];
      if (!dropped || !next) continue;
      const shorter = [...kept.slice(0, i), { ...next, wait: next.wait + dropped.wait }, ...kept.slice(i + 2)];
      if (await this.differs(stage, shorter)) kept = shorter;
    }
    return kept;
  }

  private async differs(stage: Stage, steps: readonly Operation[]): Promise<boolean> {
    this.chain.state.restore(stage.snapshot);
    let { world } = stage;
    try {
      for (const op of steps) world = (await step(this.chain, this.at, world, op, { previews: true })).world;
      return false;
    } catch (error) {
      return error instanceof DifferenceError;
    }
  }
}

const text = (value: unknown) => JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? `${v}n` : v), 1);

function pickScene(random: Random): number {
  let left = random.unit() * SCENES.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [index, [, weight]] of SCENES.entries()) {
    left -= weight;
    if (left < 0) return index;
  }
  return 0;
}
