import type { Engine } from './engine.ts';
import type { GatewayLimits } from './limits.ts';

/** How a gateway is, for load balancers and people. */
export interface Health {
  readonly healthy: boolean;
  /** Why not. */
  readonly reasons: readonly string[];
  readonly deployment: string;
  readonly block: string | null;
  /** Of the block, seconds. */
  readonly time: string | null;
  /** Seconds since the block became visible. */
  readonly age: number;
  /** Blocks that the chain is ahead; null while unknown. */
  readonly behind: number | null;
  readonly failed: string | null;
  /** CIDs of files that handlers asked for and nobody has given yet. */
  readonly missingFiles: readonly string[];
}

/** Notes when blocks become visible; the machine's and the chain's clocks are never compared. */
export class HealthWatch {
  readonly #engine: Engine;
  readonly #limits: Pick<GatewayLimits, 'silence' | 'behind'>;
  readonly #unsubscribe: () => void;
  #block: bigint | null;
  #at = performance.now();

  constructor(engine: Engine, limits: Pick<GatewayLimits, 'silence' | 'behind'>) {
    [this.#engine, this.#limits] = [engine, limits];
    this.#block = engine.standing().block;
    this.#unsubscribe = engine.subscribe(() => {
      const { block } = engine.standing();
      if (block === this.#block) return;
      [this.#block, this.#at] = [block, performance.now()];
    });
  }

  look(): Health {
    const { deployment, block, time, latest, failed, missingFiles } = this.#engine.standing();
    const milliseconds = performance.now() - this.#at;
    const behind = block !== null && latest !== null ? Number(latest > block ? latest - block : 0n) : null;
    const reasons = [
      ...(failed ? [`Indexing ended: ${failed}`] : []),
      ...(block === null ? ['No block is indexed yet.'] : []),
      ...(behind !== null && behind > this.#limits.behind ? [`It is ${behind} blocks behind the chain.`] : []),
      ...(milliseconds > this.#limits.silence ? ['No new block came for too long.'] : []),
    ];
    return {
      healthy: reasons.length === 0,
      reasons,
      deployment,
      block: block === null ? null : `${block}`,
      time: time === null ? null : `${time}`,
      age: Math.floor(milliseconds / 1000),
      behind,
      failed,
      missingFiles,
    };
  }

  close(): void {
    this.#unsubscribe();
  }
}
