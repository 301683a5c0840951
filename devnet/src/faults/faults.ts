import type { Hex } from 'viem';
import { DevnetError } from '../errors.ts';
import { QUORUM_KEYS, writeUpdate } from '../feeds/accumulatorWriter.ts';
import type { Round } from '../feeds/chainlinkFeed.ts';
import type { PriceSource } from '../prices/source.ts';
import {
  type ActiveFault,
  FAULT_SOURCES,
  FAULTS,
  type FaultName,
  type FaultSource,
  kindOf,
  type Publication,
  sourcesOf,
} from './table.ts';

/** A fault that cannot be set: what is wrong with it, and what can be. */
export class FaultRefusedError extends DevnetError {
  override name = 'FaultRefusedError';
}

/** A fault as it is asked for; what is left out is the table's. */
export interface FaultRequest {
  readonly name: FaultName;
  /** Symbol; every market when left out. */
  readonly market?: string | undefined;
  /** The first that the fault has when left out: Pyth, Chainlink, the sequencer, USDC's feed. */
  readonly source?: FaultSource | undefined;
  readonly factor?: number | undefined;
  /** Seconds of chain time; without end when left out. */
  readonly for?: number | undefined;
}

const FIELDS: readonly (keyof FaultRequest)[] = ['name', 'market', 'source', 'factor', 'for'];

/** The largest factor: the largest price times it is still a 64-bit number. */
const MAX_FACTOR = 100_000;

/** The faults that a devnet's prices have at the moment. Kept in memory: a devnet starts without any. */
export class Faults {
  readonly #symbols: readonly string[];
  readonly #now: () => number;
  /** The newest first: of those that befall one feed the newest counts. */
  #active: ActiveFault[] = [];

  /**
   * @param symbols Of the markets.
   * @param now Chain time, seconds.
   */
  constructor(symbols: readonly string[], now: () => number) {
    this.#symbols = symbols;
    this.#now = now;
  }

  /**
   * Sets a fault from now on; one of the same source and market is replaced.
   * @throws {FaultRefusedError} When there is no such fault, source, market or factor.
   */
  set(request: FaultRequest): ActiveFault {
    const fault = read(request, this.#symbols, this.#now());
    const others = this.list().filter(({ source, market }) => source !== fault.source || market !== fault.market);
    this.#active = [fault, ...others];
    return fault;
  }

  /** The faults that hold, the newest first. */
  list(): readonly ActiveFault[] {
    const now = this.#now();
    this.#active = this.#active.filter(({ until }) => until === null || now < until);
    return this.#active;
  }

  clear(): void {
    this.#active = [];
  }

  /** The fault of a source and market at a second, if any. */
  of(source: FaultSource, market: string, time: number): ActiveFault | undefined {
    const befalls = (fault: ActiveFault) =>
      fault.source === source && (fault.market === null || fault.market === market) && fault.since <= time;
    return this.list().find(befalls);
  }

  /** The fault of the sequencer, if any. */
  ofSequencer(): ActiveFault | undefined {
    return this.list().find(({ source }) => source === 'sequencer');
  }

  /** The fault of USDC's feed, if any. */
  ofUsdc(): ActiveFault | undefined {
    return this.list().find(({ source }) => source === 'usdc');
  }

  /**
   * What Pyth publishes of a market at a second.
   * @param messageAt What it would publish at a second without faults.
   */
  messages(market: string, time: number, messageAt: (time: number) => Publication | undefined): readonly Publication[] {
    const message = messageAt(time);
    if (!message) return [];
    const fault = this.of('pyth', market, time);
    return (fault && kindOf(fault.name).pyth?.messages?.(message, { fault, messageAt })) ?? [message];
  }

  /** One signed update of messages, as the faults of its markets at a second have it. */
  async update(markets: readonly string[], time: number, messages: readonly Publication[]): Promise<Hex> {
    const kinds = markets.flatMap((market) => {
      const fault = this.of('pyth', market, time);
      return fault ? [kindOf(fault.name).pyth] : [];
    });
    const keys = kinds.find((kind) => kind?.keys)?.keys?.(QUORUM_KEYS);
    const update = await writeUpdate(messages, keys);
    return kinds.find((kind) => kind?.bytes)?.bytes?.(update) ?? update;
  }

  /**
   * The source as Chainlink observes it at a time, and the rounds it writes in the place of one.
   * @param minAnswer The lowest answer that the aggregator takes, 8 decimals.
   */
  chainlink(
    market: string,
    now: number,
    source: Pick<PriceSource, 'quoteAt'>,
    minAnswer: bigint,
  ): { observed: Pick<PriceSource, 'quoteAt'>; rounds: (round: Round) => readonly Round[] } {
    const fault = this.of('chainlink', market, now);
    const kind = fault && kindOf(fault.name).chainlink;
    if (!fault || !kind) return { observed: source, rounds: (round) => [round] };
    const { answer, rounds = (round: Round) => [round] } = kind;
    if (!answer) return { observed: source, rounds };
    const observedAt = (time: number) => source.quoteAt(market, time)?.price;
    const quoteAt: PriceSource['quoteAt'] = (symbol, time) => {
      const quote = source.quoteAt(symbol, time);
      const price = quote && answer(quote.price, { fault, minAnswer, observedAt });
      return quote && price !== undefined ? { ...quote, price } : undefined;
    };
    return { observed: { quoteAt }, rounds };
  }
}

/** @throws {FaultRefusedError} */
function read(request: FaultRequest, symbols: readonly string[], now: number): ActiveFault {
  const { name, market, factor, for: seconds } = request;
  const stray = Object.keys(request).find((field) => !(FIELDS as readonly string[]).includes(field));
  if (stray) throw new FaultRefusedError(`A fault has no ${stray}.`, `It has ${FIELDS.join(', ')}.`);
  if (typeof name !== 'string' || !Object.hasOwn(FAULTS, name)) {
    throw new FaultRefusedError(`There is no fault ${name}.`, `There are ${Object.keys(FAULTS).join(', ')}.`);
  }
  const kind = kindOf(name);
  const sources = sourcesOf(kind);
  const source = request.source ?? (sources[0] as FaultSource);
  if (!FAULT_SOURCES.includes(source)) {
    throw new FaultRefusedError(`There is no source ${source}.`, `There are ${FAULT_SOURCES.join(', ')}.`);
  }
  if (!sources.includes(source)) {
    throw new FaultRefusedError(`${name} does not befall ${source}.`, `It befalls ${sources.join(' and ')}.`);
  }
  if (market !== undefined && (source === 'sequencer' || source === 'usdc')) {
    const what = source === 'usdc' ? 'USDC' : 'The sequencer';
    throw new FaultRefusedError(`${what} is the same for every market.`, 'Leave the market out.');
  }
  if (market !== undefined && !symbols.includes(market)) {
    throw new FaultRefusedError(`There is no market ${market}.`, `There are ${symbols.join(', ')}.`);
  }
  if (factor !== undefined && kind.factor === undefined) {
    throw new FaultRefusedError(`${name} has no factor.`, 'Leave it out.');
  }
  if (factor !== undefined && !(Number.isFinite(factor) && factor > 0 && factor <= MAX_FACTOR)) {
    throw new FaultRefusedError(`${factor} is no factor.`, `It is above 0 and at most ${MAX_FACTOR}.`);
  }
  if (seconds !== undefined && !(Number.isSafeInteger(seconds) && seconds > 0)) {
    throw new FaultRefusedError(`A fault cannot hold for ${seconds} seconds.`, 'Name a whole number above 0.');
  }
  return {
    name,
    source,
    market: market ?? null,
    factor: factor ?? kind.factor ?? null,
    since: now,
    until: seconds === undefined ? null : now + seconds,
  };
}
