import { zeroAddress } from 'viem';
import type { Build, DataSource, FileTemplate } from '../build/manifest.ts';
import type { Chain } from '../chain/chain.ts';
import { type BlockData, type Call, callsOf } from '../chain/triggers.ts';
import type { CreatedSource, Store } from '../store/types.ts';
import type { Entity } from '../values.ts';
import { type DataSourceInfo, HandlerFailed, type Host, type Mappings, Missing, type Trigger } from '../wasm/host.ts';
import { Calls } from './calls.ts';
import { createdOf, isSame } from './sources.ts';

export interface HandlersOptions {
  readonly build: Build;
  readonly store: Store;
  readonly chain: Chain;
  /** The compiled mappings of a data source or template. */
  readonly mappings: (source: DataSource | FileTemplate) => Mappings;
  /** What handlers log. */
  readonly onLog: (level: Parameters<Host['log']>[0], message: string) => void;
}

interface Run {
  readonly source: DataSource | FileTemplate;
  readonly info: DataSourceInfo;
  readonly handler: string;
  readonly trigger: Trigger;
  /** Of a file's handler. */
  readonly file?: string;
}

/** Runs the handlers of the block that the store has begun. */
export class Handlers {
  readonly #options: HandlersOptions;
  readonly #block: bigint;
  readonly #calls: Calls;

  constructor(options: HandlersOptions, { number, hash }: { number: bigint; hash: string }) {
    [this.#options, this.#block] = [options, number];
    this.#calls = new Calls(options.chain, hash);
  }

  /** @throws {HandlerFailed} {@link TidemarkError} when what a handler needs cannot be loaded. */
  async run(data: BlockData, sources: readonly DataSource[]): Promise<void> {
    for (const call of callsOf(data, sources)) await this.#run(runOf(call));
  }

  /** Gives a file to its handler. @throws {HandlerFailed} {@link TidemarkError} */
  async runFile(template: FileTemplate, { parameters, context }: CreatedSource, content: Uint8Array): Promise<void> {
    const file = parameters[0] as string;
    const info = { address: file, network: template.network, context };
    await this.#run({ source: template, info, handler: template.handler, trigger: { kind: 'file', content }, file });
  }

  /** Again and again until all that the handler asks for is in memory; only the last time counts. */
  async #run(run: Run): Promise<void> {
    for (;;) {
      try {
        this.#attempt(run);
        return;
      } catch (error) {
        if (!(error instanceof Missing)) throw error;
        await error.load();
      }
    }
  }

  #attempt({ source, info, handler, trigger, file }: Run): void {
    const { store, mappings, onLog } = this.#options;
    const attempt = store.attempt(file);
    const created: CreatedSource[] = [];
    const logged: Parameters<Host['log']>[] = [];
    mappings(source).run(handler, trigger, {
      store: attempt,
      dataSource: info,
      call: (call) => {
        if (file) throw new HandlerFailed('The handler of a file calls a contract.');
        return this.#calls.call(source.code.abis, call);
      },
      createDataSource: (template, parameters, context) => created.push(this.#create(template, parameters, context)),
      log: (level, message) => logged.push([level, message]),
    });
    attempt.keep();
    for (const [level, message] of logged) onLog(level, message);
    for (const one of created) {
      if (!createdOf(this.#options.build, one)) onLog('warning', `The data source ${one.parameters[0]} is none.`);
      else if (!store.sources.some((known) => isSame(known, one))) store.addSource(one);
    }
  }

  #create(template: string, parameters: readonly string[], context: Entity | null): CreatedSource {
    if (!this.#options.build.templates.has(template)) {
      throw new HandlerFailed(`The manifest has no template ${template}.`);
    }
    return { template, parameters, context, from: this.#block, done: null };
  }
}

function runOf({ source, handler, trigger }: Call): Run {
  const address = source.address ?? zeroAddress;
  return { source, info: { address, network: source.network, context: source.context }, handler, trigger };
}
