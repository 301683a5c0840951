import { PriceNotPublishedError, PriceServiceClient, type PriceUpdate, TidemarkError } from '@tidemark/sdk';
import type { Hex } from 'viem';
import { NoPriceSourceError, PriceSourceStaleError } from '../errors.ts';

/** A price service with the Hermes v2 interface. */
export interface PriceEndpoint {
  readonly url: string;
  /** Sent as a bearer token. */
  readonly key?: string;
  /** Milliseconds after which it counts as silent. */
  readonly timeout?: number;
}

/** What is told of a price service, once each time. */
export type PriceSourceEvent =
  | { event: 'source-lost'; source: string; why: TidemarkError }
  | { event: 'source-back'; source: string };

export interface PriceSourcesOptions {
  /** The preferred one first. */
  readonly endpoints: readonly PriceEndpoint[];
  /** Chain time, seconds: what prices' age and the time until a lost service is tried again are measured by. */
  readonly now: () => bigint;
  /** Seconds after which a price is too old for its service to be preferred. */
  readonly maxAge?: bigint;
  readonly onEvent?: (event: PriceSourceEvent) => void;
}

/** Where the keeper has its prices from. */
export interface PriceClient {
  /** The newest signed prices of feeds. @throws {TidemarkError} */
  latest(ids: readonly Hex[]): Promise<PriceUpdate>;
  /** The first signed prices published at or after a time, seconds. @throws {TidemarkError} */
  at(publishTime: bigint, ids: readonly Hex[]): Promise<PriceUpdate>;
  /** The chain refused the bytes of an update, which only another service could serve better. */
  distrust(update: readonly Hex[], why: TidemarkError): void;
}

/** Pyth's own endpoint answers within a fraction of this. */
const TIMEOUT_MS = 2_000;
const MAX_AGE = 30n;
/** Seconds until a lost service is tried again, doubled each time. */
const FIRST_RETRY = 2n;
const LAST_RETRY = 64n;

interface Loss {
  readonly why: TidemarkError;
  /** Whether it answers all the same, so that it serves while no other does. */
  readonly answers: boolean;
  /** Whether its answers look right, so that only time can make it trusted again. */
  readonly distrusted: boolean;
}

interface Source {
  readonly client: PriceServiceClient;
  loss: Loss | null;
  askedAt: bigint;
  retryAt: bigint;
  /** Losses in a row, without a while of service in between. */
  losses: number;
  backAt: bigint;
  probing: boolean;
}

interface Answer {
  readonly source: Source;
  readonly found: PriceUpdate;
  readonly stale: PriceSourceStaleError | null;
}

/**
 * Price services in the order of preference: the first that serves well is asked. One that does not answer, refuses,
 * answers something malformed, or old prices, is lost: it is passed over, and tried again beside the others, ever more
 * rarely. While none serves well, all are asked, and the newest prices are taken.
 */
export class PriceSources implements PriceClient {
  readonly #sources: readonly Source[];
  readonly #now: () => bigint;
  readonly #maxAge: bigint;
  readonly #onEvent: (event: PriceSourceEvent) => void;
  readonly #origins = new WeakMap<readonly Hex[], Source>();
  readonly #probes = new Set<Promise<void>>();

  constructor({ endpoints, now, maxAge = MAX_AGE, onEvent = () => {} }: PriceSourcesOptions) {
    this.#sources = endpoints.map((endpoint) => ({
      client: new PriceServiceClient({ timeout: TIMEOUT_MS, ...endpoint }),
      loss: null,
      askedAt: 0n,
      retryAt: 0n,
      losses: 0,
      backAt: 0n,
      probing: false,
    }));
    [this.#now, this.#maxAge, this.#onEvent] = [now, maxAge, onEvent];
  }

  async latest(ids: readonly Hex[]): Promise<PriceUpdate> {
    const asked = new Set<Source>();
    const answers: Answer[] = [];
    for (const source of this.#serving()) {
      asked.add(source);
      const answer = await this.#ask(source, ids);
      if (answer && !answer.stale) {
        this.#probe(ids);
        return answer.found;
      }
      if (answer) answers.push(answer);
    }
    // Nobody else serves: whoever may have come back is worth waiting for.
    const rest = this.#sources.filter((source) => !asked.has(source) && this.#mayServe(source));
    answers.push(...(await Promise.all(rest.map((source) => this.#ask(source, ids)))).filter((one) => one !== null));
    const best = this.#bestOf(answers);
    if (!best) throw new NoPriceSourceError(this.#sources.map(({ client }) => client.name));
    return best.found;
  }

  async at(publishTime: bigint, ids: readonly Hex[]): Promise<PriceUpdate> {
    const serving = this.#serving();
    let failure: unknown;
    let unproven: PriceUpdate | undefined;
    for (const source of serving.length > 0 ? serving : this.#sources) {
      try {
        const found = await source.client.at(publishTime, ids);
        this.#origins.set(found.update, source);
        const isFirst = found.prices.every(
          (one) => one.prevPublishTime < publishTime && one.publishTime >= publishTime,
        );
        if (isFirst) return found;
        unproven ??= found;
      } catch (error) {
        if (!(error instanceof TidemarkError)) throw error;
        // What one has not published, or never received, another may have.
        if (!(error instanceof PriceNotPublishedError)) this.#lose(source, { why: error });
        failure ??= error;
      }
    }
    // Not by its own word the first of that time: the chain decides.
    if (unproven) return unproven;
    throw failure;
  }

  distrust(update: readonly Hex[], why: TidemarkError): void {
    const source = this.#origins.get(update);
    if (source) this.#lose(source, { why, answers: true, distrusted: true });
  }

  /** Resolves when no lost service is being tried. */
  async idle(): Promise<void> {
    await Promise.all(this.#probes);
  }

  #serving(): Source[] {
    return this.#sources.filter(({ loss }) => !loss);
  }

  /** Whether a lost service is asked while no other serves. */
  #mayServe({ loss, askedAt }: Source): boolean {
    return loss?.answers === true || this.#now() >= askedAt + FIRST_RETRY;
  }

  /** Tries lost services whose time has come, beside what is going on: a silent one must not hold up the others. */
  #probe(ids: readonly Hex[]): void {
    for (const source of this.#sources) {
      if (!source.loss || source.probing || this.#now() < source.retryAt) continue;
      source.probing = true;
      const probe = this.#ask(source, ids).then(() => {
        source.probing = false;
        this.#probes.delete(probe);
      });
      this.#probes.add(probe);
    }
  }

  /** Its newest prices, or null when it has none to give; notes whether it is lost or back. */
  async #ask(source: Source, ids: readonly Hex[]): Promise<Answer | null> {
    source.askedAt = this.#now();
    try {
      const found = await source.client.latest(ids);
      this.#origins.set(found.update, source);
      const age = found.prices.reduce((most, { publishTime }) => {
        const one = this.#now() - publishTime;
        return one > most ? one : most;
      }, 0n);
      const stale = age > this.#maxAge ? new PriceSourceStaleError(source.client.name, age) : null;
      if (stale) this.#lose(source, { why: stale, answers: true });
      else this.#regain(source);
      return { source, found, stale };
    } catch (error) {
      if (!(error instanceof TidemarkError)) throw error;
      this.#lose(source, { why: error });
      return null;
    }
  }

  #lose(source: Source, { why, answers = false, distrusted = false }: { why: TidemarkError } & Partial<Loss>): void {
    const now = this.#now();
    const known = source.loss;
    if (!known && now - source.backAt > LAST_RETRY) source.losses = 0;
    const wait = FIRST_RETRY << BigInt(Math.min(source.losses, 10));
    source.losses++;
    source.retryAt = now + (wait < LAST_RETRY ? wait : LAST_RETRY);
    source.loss = { why, answers, distrusted: distrusted || known?.distrusted === true };
    if (!known) this.#onEvent({ event: 'source-lost', source: source.client.name, why });
  }

  #regain(source: Source): void {
    const { loss } = source;
    if (!loss || (loss.distrusted && this.#now() < source.retryAt)) return;
    source.loss = null;
    source.backAt = this.#now();
    this.#onEvent({ event: 'source-back', source: source.client.name });
  }

  /** Young ones before old ones, trusted ones before others, then the newest; of equals the preferred one. */
  #bestOf(answers: readonly Answer[]): Answer | undefined {
    const rank = ({ source, stale }: Answer) => (stale ? 2 : 0) + (source.loss?.distrusted ? 1 : 0);
    const newness = ({ found }: Answer) => found.prices.reduce((sum, { publishTime }) => sum + publishTime, 0n);
    const order = (one: Answer) => this.#sources.indexOf(one.source);
    return [...answers].sort((a, b) => {
      const [newerA, newerB] = [newness(a), newness(b)];
      if (rank(a) !== rank(b)) return rank(a) - rank(b);
      if (newerA !== newerB && a.stale && b.stale) return newerA > newerB ? -1 : 1;
      return order(a) - order(b);
    })[0];
  }
}
