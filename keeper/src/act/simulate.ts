import {
  type AnyClient,
  onChain,
  RpcUnreachableError,
  TidemarkError,
  toTidemarkError,
  UnknownRevertError,
} from '@tidemark/sdk';
import { type Address, BaseError, type Hex, type Log, RawContractError } from 'viem';
import { estimateGas, simulateBlocks } from 'viem/actions';
import type { Call } from './encode.ts';

/** What a call would do. */
export interface Simulated {
  /** After refunds. */
  readonly gas: bigint;
  /** Null where the node cannot tell them. */
  readonly logs: readonly Log[] | null;
}

/** The state that calls are simulated on: with what waits in the node's pool, or without. */
export type On = 'pending' | 'latest';

export interface Simulation {
  readonly calls: readonly Call[];
  /** What is on its way and comes before them, for the latest state. */
  readonly before: readonly Call[];
  readonly on: On;
  /** The newest block. */
  readonly block: bigint;
  readonly now: bigint;
  /** Of the newest block, wei: rewards follow it. */
  readonly baseFee: bigint;
}

/** Gas that one transaction may need: OP Stack chains take none above 16,777,216. */
export const MAX_GAS = 12_000_000n;
/** Of all calls of a simulation: well below a block's. */
const SIMULATED_GAS = 36_000_000n;
/** Seconds by which a simulation on the pending state is ahead of the newest block: the pending block may be the next one. */
export const PENDING_AHEAD = 3n;
const RICH = 10n ** 24n;
/** Of a call that cannot be estimated before another is included: verification, and a margin for what it does. */
const BLIND_GAS = 1_500_000n;
const BLIND_GAS_PER_BYTE = 2_500n;

/**
 * Runs calls one after the other without sending them: by `eth_simulateV1`, which tells what they emit, or where a node
 * has it not by an estimate of each.
 */
export class Simulator {
  readonly #client: AnyClient;
  readonly #from: Address;
  /** The best that the node was found to do. */
  #can: On | 'estimate' = 'pending';
  /** Whether it takes calls that are checked as transactions are: only then some nodes let them see the base fee. */
  #checks = true;

  constructor({ client, from }: { client: AnyClient; from: Address }) {
    this.#client = client;
    this.#from = from;
  }

  /**
   * @returns What each call would do, or why it is refused, in their order; those after a refusal are on its state.
   * @throws {RpcUnreachableError}
   */
  async run(simulation: Simulation): Promise<(Simulated | TidemarkError)[]> {
    for (;;) {
      if (this.#can === 'estimate') return this.#estimate(simulation);
      const on = this.#can === 'latest' ? 'latest' : simulation.on;
      try {
        return await this.#simulate({ ...simulation, on });
      } catch (error) {
        const why = toTidemarkError(error);
        if (why instanceof RpcUnreachableError) throw why;
        if (this.#checks) {
          this.#checks = false;
          continue;
        }
        if (isUnsupported(error)) {
          this.#can = on === 'pending' ? 'latest' : 'estimate';
          continue;
        }
        return simulation.calls.map(() => why);
      }
    }
  }

  async #simulate({ calls, before, on, block, now, baseFee }: Simulation): Promise<(Simulated | TidemarkError)[]> {
    const [blocks, seconds] = on === 'pending' ? [2n, PENDING_AHEAD] : [1n, 1n];
    const blockOverrides = { number: block + blocks, time: now + seconds, baseFeePerGas: baseFee };
    const first = on === 'latest' ? before : [];
    const all = [...first, ...calls];
    const gas = SIMULATED_GAS / BigInt(all.length);
    const fees = { gas: gas < MAX_GAS ? gas : MAX_GAS, maxFeePerGas: baseFee };
    const requests = all.map(({ to, data, value }) => ({ account: this.#from, to, data, value, ...fees }));
    // Whoever has too little for it is told so when it is sent.
    const stateOverrides = [{ address: this.#from, balance: RICH }];
    const simulation = [{ blockOverrides, calls: requests, stateOverrides }];
    const options = { blocks: simulation, blockTag: on, validation: this.#checks };
    const [simulated] = await simulateBlocks(this.#client, options);
    const results = simulated?.calls.slice(first.length) ?? [];
    return results.map(({ status, data, gasUsed, logs }) =>
      status === 'success' ? { gas: gasUsed, logs: logs ?? [] } : toRefusal(data),
    );
  }

  async #estimate({ calls, before }: Simulation): Promise<(Simulated | TidemarkError)[]> {
    return Promise.all(
      calls.map(async ({ to, data, value }, i) => {
        if (i > 0 || before.length > 0) {
          return { gas: BLIND_GAS + (BLIND_GAS_PER_BYTE * BigInt(data.length)) / 2n, logs: null };
        }
        try {
          const request = { account: this.#from, to, data, value };
          return { gas: await onChain(() => estimateGas(this.#client, request)), logs: null };
        } catch (error) {
          if (error instanceof RpcUnreachableError || !(error instanceof TidemarkError)) throw error;
          return error;
        }
      }),
    );
  }
}

function toRefusal(data: Hex | undefined): TidemarkError {
  if (data && data !== '0x') {
    const refusal = toTidemarkError(new RawContractError({ data }));
    return 'error' in refusal ? refusal : new UnknownRevertError(new Error(data));
  }
  return new UnknownRevertError(new Error('no reason was given'));
}

/** Codes of JSON-RPC: no such method, parameters that are not taken, a method that is not served. */
const UNSUPPORTED = [-32601, -32602, -32004, 4200];

function isUnsupported(error: unknown): boolean {
  if (!(error instanceof BaseError)) return false;
  return error.walk((one) => UNSUPPORTED.includes((one as { code?: number }).code ?? 0)) !== null;
}
