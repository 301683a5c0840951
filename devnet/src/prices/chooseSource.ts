import { DevnetError } from '../errors.ts';
import { coinbase, kraken, LiveSource, type Venue } from './live.ts';
import { modelSource } from './model.ts';
import { replaySource } from './replay.ts';
import type { PriceSource } from './source.ts';

/** What the choice depends on. */
export interface SourceOptions {
  readonly source?: 'live' | 'replay' | 'model' | undefined;
  readonly history?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly seed: number;
  readonly speed: number;
  readonly symbols: readonly string[];
  /** Asked for live prices; the public ones when left out. */
  readonly venues?: readonly Venue[];
}

/** Milliseconds within which venues have to be reached. */
const REACHABLE_MS = 3000;

/**
 * Live prices if venues answer within three seconds, else a replay when a history is given, else the model.
 * @throws {DevnetError} When the source asked for cannot be had.
 */
export async function chooseSource(options: SourceOptions): Promise<{ source: PriceSource; reason: string }> {
  const { source: asked, history, from, to, seed, speed, symbols } = options;
  const now = Math.floor(Date.now() / 1000);
  if (asked === 'model') return { source: modelSource(seed, now, symbols), reason: 'as asked' };
  if (asked === 'replay') return { source: replaySource(history ?? '', from, to, symbols), reason: 'as asked' };
  if (asked === 'live' && speed !== 1) {
    throw new DevnetError(
      'Live prices run at the speed of the world.',
      'Leave --speed out, or choose another --source.',
    );
  }
  if (speed === 1) {
    const live = await reach(options.venues ?? [coinbase(), kraken()], symbols);
    if (live) return { source: live, reason: asked ? 'as asked' : 'venues answer' };
    if (asked === 'live') {
      throw new DevnetError('No venue answers within three seconds.', 'Check the connection, or use --source model.');
    }
  }
  const reason = speed === 1 ? 'no venue answers' : 'the clock runs faster than the world';
  if (history !== undefined) return { source: replaySource(history, from, to, symbols), reason };
  return { source: modelSource(seed, now, symbols), reason: `${reason}, and no --history is given` };
}

async function reach(venues: readonly Venue[], symbols: readonly string[]): Promise<LiveSource | undefined> {
  const clock = () => Date.now() / 1000;
  const live = new LiveSource({ venues, symbols, clock, timeoutMs: REACHABLE_MS });
  await live.poll();
  if (live.symbols.length === 0) return undefined;
  live.begin();
  return live;
}
