import { resolve } from 'node:path';
import { DevnetError } from '../errors.ts';
import { coinbase, kraken, LiveSource, type Venue } from './live.ts';
import { modelSource } from './model.ts';
import type { AskedPrices, Origin } from './origin.ts';
import { replaySource } from './replay.ts';
import type { PriceSource } from './source.ts';

/** What the choice depends on. */
export interface SourceOptions extends AskedPrices {
  readonly speed: number;
  readonly symbols: readonly string[];
  /** Asked for live prices; the public ones when left out. */
  readonly venues?: readonly Venue[] | undefined;
}

/** The source of prices, why it is this one, and what a chain on it has to keep. */
export interface Choice {
  readonly source: PriceSource;
  readonly reason: string;
  readonly origin: Origin;
}

/** Milliseconds within which venues have to be reached. */
const REACHABLE_MS = 3000;

/**
 * Live prices if venues answer within three seconds, else a replay when a history is given, else the model.
 * @throws {DevnetError} When the source asked for cannot be had.
 */
export async function chooseSource(options: SourceOptions): Promise<Choice> {
  const { source: asked, history, from, to, speed } = options;
  if ((asked === 'replay' || from !== undefined || to !== undefined) && history === undefined) {
    throw new DevnetError('A replay needs price files.', 'Name their folder with --history FOLDER.');
  }
  if (asked === 'model') return model(options, 'as asked');
  if (asked === 'replay') return replay(options, 'as asked');
  if (asked === 'live' && speed !== 1) {
    throw new DevnetError(
      'Live prices run at the speed of the world.',
      'Leave --speed out, or choose another --source.',
    );
  }
  if (speed === 1) {
    const source = await reach(options.venues ?? [coinbase(), kraken()], options.symbols);
    if (source) {
      const origin = { source: source.name, seed: seedOf(options) };
      return { source, reason: asked ? 'as asked' : 'venues answer', origin };
    }
    if (asked === 'live') {
      throw new DevnetError(
        'No venue answers within three seconds.',
        'Check the connection, or use --source model on a new chain.',
      );
    }
  }
  const reason = speed === 1 ? 'no venue answers' : 'the clock runs faster than the world';
  return history === undefined ? model(options, `${reason}, and no --history is given`) : replay(options, reason);
}

const seedOf = ({ seed = 1 }: SourceOptions) => seed;

function model(options: SourceOptions, reason: string): Choice {
  const seed = seedOf(options);
  const source = modelSource(seed, Math.floor(Date.now() / 1000), options.symbols);
  return { source, reason, origin: { source: 'model', seed } };
}

function replay(options: SourceOptions, reason: string): Choice {
  const history = resolve(options.history ?? '');
  const source = replaySource(history, options.from, options.to, options.symbols);
  const origin = { seed: seedOf(options), history, from: source.start, bars: source.bars };
  return { source, reason, origin: { source: 'replay', ...origin } };
}

async function reach(venues: readonly Venue[], symbols: readonly string[]): Promise<LiveSource | undefined> {
  const clock = () => Date.now() / 1000;
  const live = new LiveSource({ venues, symbols, clock, timeoutMs: REACHABLE_MS });
  await live.poll();
  if (live.symbols.length === 0) return undefined;
  live.begin();
  return live;
}
