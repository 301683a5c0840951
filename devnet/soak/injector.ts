import type { Address } from 'viem';
import { isAddressEqual } from 'viem';
import { generator, hash } from '../src/random.ts';
import type { Auditor, Look } from './auditor.ts';
import type { RunningKeeper } from './keepers.ts';
import { type FaultKind, type PlannedFault, REORG_DEPTH } from './schedule.ts';
import type { World } from './world.ts';

const DEARER = 100n;
/** Of a keeper's transactions in dropped blocks, how many the network forgets. */
const FORGOTTEN = 0.5;

/** Milliseconds within which most faults have ended. */
const END_MS = 100;

/** A fault that was. */
export interface Injected {
  readonly kind: FaultKind;
  readonly hard: boolean;
  readonly victim: string | null;
  readonly from: bigint;
  to: bigint;
}

/** Makes what is planned happen between blocks. */
export class Injector {
  readonly #world: World;
  readonly #auditor: Auditor;
  readonly #keepers: readonly RunningKeeper[];
  readonly #waiting: PlannedFault[];
  readonly #random: () => number;
  readonly #progress: (line: string) => void;
  readonly done: Injected[] = [];
  #current:
    | { plan: PlannedFault; told: Injected; left: number; end: () => Promise<void>; ending?: Promise<void> }
    | undefined;

  constructor(
    world: World,
    auditor: Auditor,
    keepers: readonly RunningKeeper[],
    plan: readonly PlannedFault[],
    seed: number,
    progress: (line: string) => void,
  ) {
    [this.#world, this.#auditor, this.#keepers, this.#progress] = [world, auditor, keepers, progress];
    this.#waiting = [...plan];
    this.#random = generator(hash(seed, 13));
  }

  /**
   * Called after each block, with how many there were before it.
   * @returns What the newest block shows, where another one has taken its place.
   */
  async after(block: number): Promise<Look | undefined> {
    const { stage } = this.#world;
    const current = this.#current;
    if (current) {
      current.told.to = stage.block;
      if (--current.left > 0) return undefined;
      // Blocks do not wait for a keeper that starts.
      current.ending ??= current.end();
      const waited = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), END_MS));
      if (!(await Promise.race([current.ending.then(() => true), waited]))) return undefined;
      this.#auditor.setFault(null);
      this.#progress(`block ${stage.block}: ${current.plan.kind} is over`);
      this.#current = undefined;
      return undefined;
    }
    const [next] = this.#waiting;
    if (!next || block < next.at) return undefined;
    this.#waiting.shift();
    return this.#begin(next);
  }

  async #begin(plan: PlannedFault): Promise<Look | undefined> {
    const { stage } = this.#world;
    const { kind, hard } = plan;
    const keeper = this.#keepers[plan.victim];
    if (!keeper) throw new Error(`There is no keeper ${plan.victim}.`);
    const befallsOne = kind === 'rpc' || kind === 'kill';
    const told: Injected = {
      ...{ kind, hard, victim: befallsOne ? keeper.name : null },
      ...{ from: stage.block + 1n, to: stage.block + 1n },
    };
    this.done.push(told);
    this.#auditor.setFault(kind);
    this.#progress(`block ${stage.block}: ${kind}${told.victim ? ` of keeper ${told.victim}` : ''} begins`);
    if (kind === 'reorg') return this.#reorganise(told);
    this.#current = { plan, told, left: plan.blocks, end: await this.#start(plan, keeper) };
    return undefined;
  }

  /** @returns Ends it. */
  async #start({ kind, hard }: PlannedFault, keeper: RunningKeeper): Promise<() => Promise<void>> {
    const { faults } = this.#world.stage;
    switch (kind) {
      case 'rpc': {
        const gates = hard ? keeper.gates : keeper.gates.slice(0, 1);
        for (const gate of gates) gate.close();
        return async () => {
          for (const gate of gates) gate.open();
        };
      }
      case 'kill':
        await keeper.process.kill();
        return () => keeper.process.start();
      case 'stale':
        faults.set({ name: 'stale' });
        return async () => faults.clear();
      default:
        await this.#world.setGas(DEARER);
        return () => this.#world.setGas(1n);
    }
  }

  async #reorganise(told: Injected): Promise<Look | undefined> {
    const isKeeper = (from: Address) => this.#keepers.some(({ address }) => isAddressEqual(address, from));
    const { block } = this.#world.stage;
    Object.assign(told, { from: block - BigInt(REORG_DEPTH - 1), to: block });
    let look: Look | undefined;
    await this.#world.reorganise(
      REORG_DEPTH,
      (from) => isKeeper(from) && this.#random() < FORGOTTEN,
      async (number) => {
        look = await this.#auditor.look(number);
      },
    );
    this.#auditor.setFault(null);
    return look;
  }
}
