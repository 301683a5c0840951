import { type ExecutionResult, execute, GraphQLError, type GraphQLSchema, OperationTypeNode, subscribe } from 'graphql';
import type { Engine } from './engine.ts';
import { refusal, unavailable } from './errors.ts';
import type { GatewayMetrics } from './metrics.ts';
import { type Asked, type Operation, OperationReader } from './operation.ts';
import type { Places } from './places.ts';
import { type Extensions, gatewaySchema } from './schema.ts';
import type { Subscriptions } from './subscriptions.ts';
import { NotWanted, type Turns } from './turns.ts';

export type Answers = AsyncGenerator<ExecutionResult, void, void>;

/** Answers operations, whichever way they came. */
export class Executor {
  readonly #engine: Engine;
  readonly #extensions: Extensions | null;
  readonly #turns: Turns;
  readonly #places: Places;
  readonly #subscriptions: Subscriptions;
  readonly #metrics: GatewayMetrics;
  readonly #warn: (error: unknown) => void;
  readonly #reader = new OperationReader();
  readonly #schemas = new WeakMap<GraphQLSchema, GraphQLSchema>();

  constructor(options: {
    engine: Engine;
    extensions: Extensions | null;
    turns: Turns;
    places: Places;
    subscriptions: Subscriptions;
    metrics: GatewayMetrics;
    warn: (error: unknown) => void;
  }) {
    [this.#engine, this.#extensions] = [options.engine, options.extensions];
    [this.#turns, this.#places, this.#subscriptions] = [options.turns, options.places, options.subscriptions];
    [this.#metrics, this.#warn] = [options.metrics, options.warn];
  }

  /** All that is answered at present. */
  get schema(): GraphQLSchema {
    const { schema } = this.#engine;
    const known = this.#schemas.get(schema);
    if (known) return known;
    const whole = gatewaySchema(schema, this.#extensions);
    this.#schemas.set(schema, whole);
    return whole;
  }

  /** @throws {GraphQLError} */
  read(asked: Asked): Operation {
    try {
      return this.#reader.read(asked, this.#engine.schema, this.schema);
    } catch (error) {
      this.#metrics.operations.inc({ outcome: 'refused' });
      throw error;
    }
  }

  /** Null of what is not well formed. */
  kindOf(text: string, operationName: string | null): OperationTypeNode | null {
    return this.#reader.kindOf(text, operationName);
  }

  /**
   * Answers a query or a mutation.
   * @param isWanted Whether the client is still there.
   * @throws {GraphQLError} When it cannot be answered at present. {@link NotWanted}
   */
  async answer(operation: Operation, isWanted: () => boolean): Promise<ExecutionResult> {
    const end = this.#metrics.duration.startTimer();
    try {
      const run = () => (operation.isLocal ? this.#local(operation) : this.#engine.execute(operation));
      const { data, errors } = await this.#turns.run(operation.address, run, { isWanted });
      this.#metrics.operations.inc({ outcome: data === undefined ? 'refused' : 'answered' });
      return { ...(errors && { errors }), ...(data !== undefined && { data }) };
    } catch (error) {
      if (error instanceof NotWanted) throw error;
      throw this.failure(error);
    } finally {
      end();
    }
  }

  /**
   * @returns The answers, the first of which has been read, or why there are none.
   * @throws {GraphQLError} When there are too many.
   */
  async subscribe(operation: Operation): Promise<Answers | readonly GraphQLError[]> {
    if (!operation.isLocal) {
      const answers = this.#subscriptions.open(operation);
      const first = await answers.peek();
      return first && first.data === undefined ? (first.errors ?? []) : answers;
    }
    const leave = this.#places.take(operation.address);
    const answers = await subscribe(this.#arguments(operation));
    if (Symbol.asyncIterator in answers) return leaving(answers as Answers, leave);
    leave();
    return answers.errors ?? [];
  }

  /** What a client is told of an error: nothing of the gateway's own troubles but that there are some. */
  failure(error: unknown): GraphQLError {
    const isRefusal = error instanceof GraphQLError;
    this.#metrics.operations.inc({ outcome: isRefusal ? 'refused' : 'failed' });
    if (isRefusal) return error;
    this.#warn(error);
    return unavailable();
  }

  async #local(operation: Operation): Promise<ExecutionResult> {
    return await execute(this.#arguments(operation));
  }

  #arguments({ document, variables, operationName, address }: Operation) {
    return {
      schema: this.schema,
      document,
      variableValues: variables,
      operationName,
      contextValue: { address },
    };
  }
}

/** @throws {GraphQLError} Where a way of asking takes no subscriptions. */
export function refuseSubscription({ kind }: Operation): void {
  if (kind === OperationTypeNode.SUBSCRIPTION)
    throw refusal(
      'BAD_REQUEST',
      400,
      'Subscriptions are served by WebSocket (graphql-transport-ws) and, where text/event-stream is accepted, as events.',
    );
}

/** Answers that give back their place when they end. */
function leaving(answers: Answers, leave: () => void): Answers {
  const ended = (result: IteratorResult<ExecutionResult, void>) => {
    if (result.done) leave();
    return result;
  };
  return {
    next: async () => ended(await answers.next()),
    return: () => {
      leave();
      return answers.return();
    },
    throw: (error) => {
      leave();
      return answers.throw(error);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
