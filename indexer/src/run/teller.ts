import type { Host } from '../wasm/host.ts';
import type { Progress } from './indexing.ts';
import { ProgressMeter, progressLine } from './progressMeter.ts';

/** Where it is written: a terminal, or anything else. */
export interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export interface TellerOptions {
  readonly output: Output;
  /** A line of JSON for each event. */
  readonly json: boolean;
  /** What handlers log below a warning, too. */
  readonly verbose: boolean;
}

/** Blocks behind the chain from which on a progress is worth telling. */
const FAR = 64n;
/** Milliseconds between two lines of progress, and between two drawings of the bar. */
const LINE_MS = 10_000;
const BAR_MS = 200;
const CLEAR_LINE = '\r\u001b[2K';

/** Writes what the indexer tells: a bar while it syncs on a terminal, else lines. */
export class Teller {
  readonly #options: TellerOptions;
  readonly #meter = new ProgressMeter();
  #toldAt = Number.NEGATIVE_INFINITY;
  #bar = '';
  #isFar = false;

  constructor(options: TellerOptions) {
    this.#options = options;
  }

  started(facts: { url: string; chain: number | null; deployment: string }): void {
    const chain = facts.chain === null ? '' : `, chain ${facts.chain}`;
    this.#tell({ event: 'started', ...facts }, `GraphQL at ${facts.url}, deployment ${facts.deployment}${chain}`);
  }

  warn(line: string): void {
    this.#tell({ event: 'warning', line }, line);
  }

  log(level: Parameters<Host['log']>[0], message: string): void {
    const isQuiet = level === 'debug' || level === 'info';
    if (!isQuiet || this.#options.verbose) this.#tell({ event: 'log', level, message }, `${level}: ${message}`);
  }

  /** @param now Milliseconds. */
  progress(progress: Progress, now = performance.now()): void {
    const { block, to, events } = progress;
    if (this.#options.json) this.#tell({ event: 'written', block, to, events }, '');
    else if (to - block > FAR) this.#sync(progress, now);
    else if (this.#isFar) {
      if (this.#bar) this.#options.output.write(CLEAR_LINE);
      [this.#isFar, this.#bar] = [false, ''];
      this.#tell({}, `Caught up with the chain at block ${block}.`);
    }
  }

  #sync(progress: Progress, now: number): void {
    const { output } = this.#options;
    this.#isFar = true;
    const reading = this.#meter.read(progress, now);
    if (now - this.#toldAt < (output.isTTY ? BAR_MS : LINE_MS)) return;
    this.#toldAt = now;
    const line = progressLine(progress, reading);
    if (output.isTTY) {
      this.#bar = line;
      output.write(`${CLEAR_LINE}${line}`);
    } else this.#tell({}, line);
  }

  /** A line of its own, above the bar where there is one. */
  #tell(event: object, line: string): void {
    const { output, json } = this.#options;
    if (json)
      output.write(`${JSON.stringify(event, (_, value) => (typeof value === 'bigint' ? `${value}` : value))}\n`);
    else if (this.#bar) output.write(`${CLEAR_LINE}${line}\n${this.#bar}`);
    else output.write(`${line}\n`);
  }
}
