import { createHash } from 'node:crypto';
import type { ExecutionResult, GraphQLError } from 'graphql';
import type { Engine, EngineChange } from './engine.ts';
import { refusal, unavailable } from './errors.ts';
import type { GatewayLimits } from './limits.ts';
import type { GatewayMetrics } from './metrics.ts';
import type { Operation } from './operation.ts';
import type { Places } from './places.ts';
import { Subscriber } from './subscriber.ts';
import type { Turns } from './turns.ts';

/** Milliseconds after which what failed is tried again. */
const AGAIN = 1_000;
/** Bytes handed to subscribers before others have their turn. */
const PORTION = 256_000;

/** Subscriptions of the same operation: it runs once for all of them. */
interface Watch {
  readonly key: string;
  readonly operation: Operation;
  readonly subscribers: Set<Subscriber>;
  /** Null until it has run against the engine's present schema. */
  types: ReadonlySet<string> | null;
  digest: string;
  /** Something it asks for has changed since its last run began. */
  isDue: boolean;
  isRunning: boolean;
}

/**
 * Answers operations ever again: at once, and whenever what they ask for has changed and the answer with it. Changes are
 * listened to before the first answer is read, so that none is lost; who reads slowly gets the newest answer, not each.
 */
export class Subscriptions {
  readonly #engine: Engine;
  readonly #turns: Turns;
  readonly #places: Places;
  readonly #limits: Pick<GatewayLimits, 'result'>;
  readonly #metrics: GatewayMetrics;
  readonly #warn: (error: unknown) => void;
  readonly #watches = new Map<string, Watch>();
  readonly #unsubscribe: () => void;

  constructor(options: {
    engine: Engine;
    turns: Turns;
    places: Places;
    limits: Pick<GatewayLimits, 'result'>;
    metrics: GatewayMetrics;
    warn: (error: unknown) => void;
  }) {
    this.#engine = options.engine;
    [this.#turns, this.#places, this.#limits] = [options.turns, options.places, options.limits];
    [this.#metrics, this.#warn] = [options.metrics, options.warn];
    this.#unsubscribe = this.#engine.subscribe(
      (change) => this.#changed(change),
      () => this.#watched(),
    );
  }

  /** @returns The answers; they end when the operation is refused later on. @throws {GraphQLError} When there are too many. */
  open(operation: Operation): Subscriber {
    const leave = this.#places.take(operation.address);
    const watch = this.#watch(operation);
    const subscriber = new Subscriber(() => {
      leave();
      watch.subscribers.delete(subscriber);
      if (watch.subscribers.size === 0 && this.#watches.get(watch.key) === watch) this.#watches.delete(watch.key);
    });
    const [other] = watch.subscribers;
    watch.subscribers.add(subscriber);
    if (other?.latest) subscriber.push(other.latest);
    this.#run(watch);
    return subscriber;
  }

  /** Ends all of them. */
  close(): void {
    this.#unsubscribe();
    for (const { subscribers } of this.#watches.values()) for (const subscriber of subscribers) subscriber.end();
  }

  #watch(operation: Operation): Watch {
    const { text, variables, operationName } = operation;
    const key = JSON.stringify([text, variables, operationName]);
    const known = this.#watches.get(key);
    if (known) return known;
    const watch: Watch = {
      key,
      operation,
      subscribers: new Set(),
      types: null,
      digest: '',
      isDue: true,
      isRunning: false,
    };
    this.#watches.set(key, watch);
    return watch;
  }

  #changed({ types, reorganised }: EngineChange): void {
    if (reorganised) this.#metrics.reorganisations.inc();
    for (const watch of this.#watches.values()) {
      if (types === null) watch.types = null;
      if (types && watch.types && ![...watch.types].some((type) => types.has(type))) continue;
      watch.isDue = true;
      this.#run(watch);
    }
  }

  #watched(): ReadonlySet<string> {
    return new Set([...this.#watches.values()].flatMap(({ types }) => [...(types ?? [])]));
  }

  /** Runs a watch until its answer is that of the present. */
  async #run(watch: Watch): Promise<void> {
    if (watch.isRunning) return;
    watch.isRunning = true;
    const isWanted = () => watch.subscribers.size > 0;
    while (watch.isDue && isWanted()) {
      const { address } = watch.operation;
      try {
        const result = await this.#turns.run(address, () => this.#execute(watch), { isPatient: true, isWanted });
        await this.#publish(watch, result);
      } catch (error) {
        if (!isWanted()) break;
        this.#warn(error);
        if (watch.digest === '') this.#end(watch, { errors: [unavailable()] });
        else await this.#later(watch);
      }
    }
    watch.isRunning = false;
  }

  #execute(watch: Watch): Promise<ExecutionResult> {
    this.#metrics.executions.inc();
    watch.isDue = false;
    watch.types ??= this.#engine.touched(watch.operation.text);
    return this.#engine.execute(watch.operation);
  }

  async #publish(watch: Watch, { data, errors }: ExecutionResult): Promise<void> {
    const answer = { ...(errors && { errors }), ...(data !== undefined && { data }) };
    if (data === undefined) return this.#end(watch, answer);
    const text = JSON.stringify(answer);
    const bytes = Buffer.byteLength(text);
    if (bytes > this.#limits.result) return this.#end(watch, { errors: [tooLarge(bytes, this.#limits.result)] });
    const digest = createHash('sha256').update(text).digest('base64');
    if (digest === watch.digest) return;
    watch.digest = digest;
    let handed = 0;
    for (const subscriber of watch.subscribers) {
      subscriber.push(answer);
      this.#metrics.messages.inc();
      handed += bytes;
      if (handed < PORTION) continue;
      handed = 0;
      await new Promise(setImmediate);
    }
  }

  #end(watch: Watch, answer: { errors: readonly GraphQLError[] } | ExecutionResult): void {
    this.#watches.delete(watch.key);
    for (const subscriber of watch.subscribers) subscriber.end(answer);
  }

  async #later(watch: Watch): Promise<void> {
    watch.isDue = true;
    await new Promise((resolve) => setTimeout(resolve, AGAIN).unref());
  }
}

const tooLarge = (actual: number, limit: number) =>
  refusal('TOO_LARGE', 413, `The answer has ${actual} bytes; a subscription's may have ${limit}. Ask for less.`);
