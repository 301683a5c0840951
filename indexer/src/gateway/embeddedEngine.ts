import type { GraphQLSchema } from 'graphql';
import type { Served } from '../store/types.ts';
import type { Engine, EngineChange, EngineRequest } from './engine.ts';
import { execute, META, querySchema, touchedTypes } from './query/index.ts';

/** Milliseconds between two looks whether another deployment is served, and what is safe and final. */
const LOOK = 250;

/** The embedded runtime as an engine. When another deployment is served, all may have changed. */
export class EmbeddedEngine implements Engine {
  readonly #source: () => Served;
  readonly #listeners = new Set<(change: EngineChange) => void>();
  readonly #timer: NodeJS.Timeout;
  #served: Served;
  #unsubscribe: () => void;
  #chain: string;

  constructor(source: () => Served) {
    this.#source = source;
    this.#served = source();
    this.#unsubscribe = this.#listen();
    this.#chain = this.#chainText();
    this.#timer = setInterval(() => this.#look(), LOOK);
  }

  get schema(): GraphQLSchema {
    return querySchema(this.#served.schema);
  }

  execute({ text, variables, operationName }: EngineRequest) {
    this.#look();
    return execute({ served: this.#served, document: text, variables, operationName });
  }

  touched(text: string) {
    return touchedTypes(this.#served.schema, text);
  }

  standing() {
    const { head, chain, failed, waitingFiles = [] } = this.#served.standing();
    return {
      deployment: this.#served.id,
      block: head?.number ?? null,
      time: head?.time ?? null,
      latest: chain?.latest ?? null,
      failed,
      missingFiles: waitingFiles.map(({ cid }) => cid),
    };
  }

  subscribe(listener: (change: EngineChange) => void) {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  close(): void {
    clearInterval(this.#timer);
    this.#unsubscribe();
  }

  #listen() {
    return this.#served.subscribe(({ types, reorganised }) =>
      this.#tell({ types: reorganised ? null : new Set([...types, META]), reorganised }),
    );
  }

  #look(): void {
    const served = this.#source();
    if (served.id !== this.#served.id) {
      this.#unsubscribe();
      this.#served = served;
      this.#unsubscribe = this.#listen();
      this.#tell({ types: null, reorganised: false });
    }
    // What is safe and final changes without any change of the entities.
    const chain = this.#chainText();
    if (chain === this.#chain) return;
    this.#chain = chain;
    this.#tell({ types: new Set([META]), reorganised: false });
  }

  #chainText(): string {
    const { chain, failed } = this.#served.standing();
    return `${chain?.safe} ${chain?.finalized} ${failed}`;
  }

  #tell(change: EngineChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}
