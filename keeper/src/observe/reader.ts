import { type AnyClient, toTidemarkError } from '@tidemark/sdk';
import type { Abi, Address, ContractFunctionArgs, ContractFunctionName, ContractFunctionReturnType, Hash } from 'viem';
import { multicall } from 'viem/actions';

/** Calls of one request: their bytes are an initcode, which holds 49,152. */
const MAX_CALLS = 100;
/** Of words that are no selector, address or flag, in all calls of one request. */
const MAX_BYTES = 24_000;

type View<abi extends Abi> = ContractFunctionName<abi, 'pure' | 'view'>;

/** A view that is called. */
export interface ViewCall<abi extends Abi, name extends View<abi>> {
  readonly address: Address;
  readonly abi: abi;
  readonly functionName: name;
  readonly args?: ContractFunctionArgs<abi, 'pure' | 'view', name>;
}

interface Waiting {
  readonly call: { readonly abi: Abi; readonly functionName: string };
  readonly bytes: number;
  readonly resolve: (result: never) => void;
  readonly reject: (why: unknown) => void;
}

/**
 * Reads contracts as they are at one block, whatever becomes of the chain meanwhile: what is asked for at one time goes in as
 * few requests as possible, through a multicall that needs no contract on the chain.
 */
export class Reader {
  readonly #client: AnyClient;
  readonly #blockHash: Hash;
  #waiting: Waiting[] = [];

  constructor(client: AnyClient, blockHash: Hash) {
    // A client that gathers reads itself would take these apart again.
    this.#client = { ...client, batch: undefined };
    this.#blockHash = blockHash;
  }

  /** @throws {TidemarkError} when the chain cannot be read or the contract refuses. */
  read<const abi extends Abi, name extends View<abi>>(
    call: ViewCall<abi, name>,
  ): Promise<ContractFunctionReturnType<abi, 'pure' | 'view', name>> {
    return new Promise((resolve, reject) => {
      // After everything that can be asked without an answer has been.
      if (this.#waiting.length === 0) setImmediate(() => this.#flush());
      this.#waiting.push({ call, bytes: bytesOf(call.args), resolve, reject });
    });
  }

  #flush(): void {
    let chunk: Waiting[] = [];
    let bytes = 0;
    for (const one of this.#waiting.splice(0)) {
      if (chunk.length === MAX_CALLS || (bytes + one.bytes > MAX_BYTES && chunk.length > 0)) {
        void this.#send(chunk);
        [chunk, bytes] = [[], 0];
      }
      chunk.push(one);
      bytes += one.bytes;
    }
    void this.#send(chunk);
  }

  async #send(chunk: readonly Waiting[]): Promise<void> {
    try {
      const contracts = chunk.map(({ call }) => ({ ...call, abi: itemOf(call) })) as never[];
      const at = { blockHash: this.#blockHash, deployless: true, batchSize: 0 } as const;
      const results = await multicall(this.#client, { contracts, ...at });
      for (const [i, { status, result, error }] of (results as Result[]).entries()) {
        if (status === 'success') chunk[i]?.resolve(result as never);
        else chunk[i]?.reject(toTidemarkError(error));
      }
    } catch (error) {
      for (const { reject } of chunk) reject(toTidemarkError(error));
    }
  }
}

const items = new Map<Abi, Map<string, Abi>>();

/** The part of a contract's interface that a call needs: among hundreds of functions each is looked for anew. */
function itemOf({ abi, functionName }: Waiting['call']): Abi {
  const known = items.get(abi) ?? new Map<string, Abi>();
  items.set(abi, known);
  const found = known.get(functionName) ?? abi.filter((one) => one.type === 'function' && one.name === functionName);
  known.set(functionName, found);
  return found;
}

type Result = { status: string; result?: unknown; error?: unknown };

/** What arguments take at most, roughly: a word each, whatever is in it. */
function bytesOf(args: unknown): number {
  if (Array.isArray(args)) return args.reduce((sum: number, one) => sum + bytesOf(one), 64);
  if (typeof args === 'object' && args !== null) return bytesOf(Object.values(args));
  return 32;
}
