import { type AnyClient, toTidemarkError } from '@tidemark/sdk';
import type {
  Abi,
  AbiParameter,
  Address,
  ContractFunctionArgs,
  ContractFunctionName,
  ContractFunctionReturnType,
  Hash,
} from 'viem';
import { multicall, readContract } from 'viem/actions';

/** Calls of one request: their bytes are an initcode, which holds 49,152. */
const MAX_CALLS = 100;
/** Of words that are no selector, address or flag, in all calls of one request. */
const MAX_BYTES = 24_000;
/** Of all results of one request: they come back as a contract's code, which holds 24,576. */
const MAX_RESULT_BYTES = 24_000;
/** Of each result besides itself: its place, whether there is one, where it begins and its length. */
const RESULT_HEAD = 128;
const WORD = 32;

type View<abi extends Abi> = ContractFunctionName<abi, 'pure' | 'view'>;

/** A view that is called. */
export interface ViewCall<abi extends Abi, name extends View<abi>> {
  readonly address: Address;
  readonly abi: abi;
  readonly functionName: name;
  readonly args?: ContractFunctionArgs<abi, 'pure' | 'view', name>;
}

interface Waiting {
  readonly call: ViewCall<Abi, string>;
  readonly bytes: number;
  readonly resultBytes: number;
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
      const one = { ...call, abi: itemOf(call as never) } as ViewCall<Abi, string>;
      this.#waiting.push({ call: one, bytes: bytesOf(call.args), resultBytes: resultBytesOf(one), resolve, reject });
    });
  }

  #flush(): void {
    let chunk: Waiting[] = [];
    let [bytes, resultBytes] = [0, 0];
    for (const one of this.#waiting.splice(0)) {
      bytes += one.bytes;
      resultBytes += one.resultBytes;
      const isFull = chunk.length === MAX_CALLS || bytes > MAX_BYTES || resultBytes > MAX_RESULT_BYTES;
      if (isFull && chunk.length > 0) {
        void this.#send(chunk);
        chunk = [];
        ({ bytes, resultBytes } = one);
      }
      chunk.push(one);
    }
    void this.#send(chunk);
  }

  async #send(chunk: readonly Waiting[]): Promise<void> {
    const at = { blockHash: this.#blockHash };
    const [first] = chunk;
    try {
      if (first && chunk.length === 1) {
        // Not through a contract's creation, which what is long does not fit in.
        first.resolve((await readContract(this.#client, { ...first.call, ...at } as never)) as never);
        return;
      }
      const contracts = chunk.map(({ call }) => call) as never[];
      const results = await multicall(this.#client, { contracts, ...at, deployless: true, batchSize: 0 });
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
function itemOf({ abi, functionName }: { abi: Abi; functionName: string }): Abi {
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

/** What a result takes at most, roughly; a list has no more words than what was asked with. */
function resultBytesOf({ abi, args }: ViewCall<Abi, string>): number {
  const outputs = abi.flatMap((one) => (one.type === 'function' ? one.outputs : []));
  return outputs.reduce((sum, one) => sum + sizeOf(one, bytesOf(args)), RESULT_HEAD);
}

/** Bytes of a value; of bytes and text nothing is known. */
function sizeOf(parameter: AbiParameter, list: number): number {
  if (/^(bytes|string)(\[|$)/.test(parameter.type)) return MAX_RESULT_BYTES;
  if (parameter.type.endsWith(']')) return 2 * WORD + list;
  if (!('components' in parameter)) return WORD;
  return parameter.components.reduce((sum: number, one) => sum + sizeOf(one, list), WORD);
}
