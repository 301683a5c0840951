import type { Build, Code } from '../build/manifest.ts';
import { IndexerError } from '../errors.ts';
import { writeTrigger } from './ethereum.ts';
import { type Context, type HostFunction, hostFunctions } from './functions.ts';
import { exportGlobals, GLOBAL_PREFIX } from './globals.ts';
import { Heap, type HeapExports } from './heap.ts';
import { HandlerFailed, type Mappings, Missing } from './host.ts';

/** By the bytes of their module: sources with the same file share it, and each run leaves it as it was. */
const instances = new WeakMap<Uint8Array, Instance>();

/**
 * The mappings of a data source or template, ready to run.
 * @throws {IndexerError} when they are no module of graph-cli's.
 */
export function loadMappings({ schema }: Pick<Build, 'schema'>, { code }: { readonly code: Code }): Mappings {
  const instance = instances.get(code.wasm) ?? new Instance(code);
  instances.set(code.wasm, instance);
  return {
    run: (handler, trigger, host) =>
      instance.run(handler, (heap) => writeTrigger(heap, trigger), { host, schema, code }),
  };
}

/** A module's one instance. Before each run it is made again what it was after its start. */
class Instance {
  readonly #heap: Heap;
  readonly #exports: Readonly<Record<string, unknown>>;
  readonly #memory: Uint8Array;
  readonly #globals: readonly (readonly [WebAssembly.Global, number | bigint])[];
  #context: Context | null = null;
  #used = false;

  constructor({ file, wasm }: Code) {
    try {
      const module = new WebAssembly.Module(exportGlobals(wasm));
      const { exports } = new WebAssembly.Instance(module, this.#imports(module));
      this.#exports = exports;
      this.#heap = new Heap(exports as unknown as HeapExports);
      (exports._start as () => void)();
      const top = this.#heap.top();
      this.#memory = this.#heap.snapshot(top);
      this.#globals = Object.entries(exports)
        .filter(([name]) => name.startsWith(GLOBAL_PREFIX))
        .map(([, global]) => [global as WebAssembly.Global, (global as WebAssembly.Global).value]);
    } catch (error) {
      const next = 'Build the subgraph again with graph-cli, for apiVersion 0.0.9.';
      throw new IndexerError(`The mappings ${file} cannot be started: ${(error as Error).message}`, next, error);
    }
  }

  run(handler: string, write: (heap: Heap) => number, context: Context): void {
    const called = this.#exports[handler];
    if (typeof called !== 'function') throw new HandlerFailed(`the mappings have no handler ${handler}`);
    this.#rewind();
    this.#context = context;
    try {
      called(write(this.#heap));
    } catch (error) {
      throw error instanceof Missing ? error : failure(handler, error);
    } finally {
      this.#context = null;
    }
  }

  #rewind(): void {
    if (this.#used) {
      this.#heap.restore(this.#memory, this.#heap.top());
      for (const [global, value] of this.#globals) global.value = value;
    }
    this.#used = true;
  }

  #imports(module: WebAssembly.Module): WebAssembly.Imports {
    let functions: ReadonlyMap<string, HostFunction> | null = null;
    const found = (name: string) => {
      functions ??= hostFunctions(this.#heap, () => {
        if (!this.#context) throw new HandlerFailed(`${name} is called outside of every handler`);
        return this.#context;
      });
      return functions.get(name);
    };
    const imports: Record<string, Record<string, WebAssembly.ImportValue>> = {};
    for (const { module: from, name } of WebAssembly.Module.imports(module)) {
      let resolved: HostFunction | undefined;
      imports[from] ??= {};
      imports[from][name] = (...values: unknown[]) => {
        resolved ??= found(name);
        if (!resolved) throw new HandlerFailed(`this runtime has no function ${name}: see docs/indexing-runtime.md`);
        return resolved(...values);
      };
    }
    return imports;
  }
}

/** By these a handler always ends with the same input; anything else is not its fault. */
function failure(handler: string, error: unknown): unknown {
  const own =
    error instanceof HandlerFailed || error instanceof WebAssembly.RuntimeError || error instanceof RangeError;
  return own ? new HandlerFailed(`${handler}: ${error.message}`, { cause: error }) : error;
}
