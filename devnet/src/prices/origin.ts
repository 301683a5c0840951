import { DevnetError } from '../errors.ts';

/** What the prices of a chain are made from: the same whenever it goes on. */
export interface Origin {
  readonly source: 'live' | 'replay' | 'model';
  /** Of the model and the traders. */
  readonly seed: number;
  /** Of a replay: its folder, its beginning in Unix seconds, and what the bars in it hash to. */
  readonly history?: string;
  readonly from?: number;
  readonly bars?: string;
}

/** What the command line says of the prices; undefined where it says nothing. */
export interface AskedPrices {
  readonly source: Origin['source'] | undefined;
  readonly seed: number | undefined;
  readonly history: string | undefined;
  readonly from: number | undefined;
  readonly to: number | undefined;
}

/**
 * How a chain's prices go on: as it was made. The folder of a replay's files may have moved, and its end may change.
 * @throws {DevnetError} When something else is asked for.
 */
export function goOn(origin: Origin, asked: AskedPrices): AskedPrices {
  for (const name of ['source', 'seed', 'from'] as const) {
    if (asked[name] === undefined || asked[name] === origin[name]) continue;
    throw new DevnetError(
      `The chain was made with ${tell(name, origin)}, not with --${name} ${show(name, asked[name])}.`,
      `Leave --${name} out, start anew with --fresh, or choose another folder with --state.`,
    );
  }
  const { source, seed, from, history } = origin;
  return { source, seed, from, history: asked.history ?? history, to: asked.to };
}

/** @throws {DevnetError} When a replay's files are not those that the chain was made with. */
export function requireSameBars(made: Origin, now: Origin): void {
  if (made.bars === now.bars) return;
  throw new DevnetError(
    `The price files in ${now.history} are not those that the chain was made with.`,
    'Name the folder that has them with --history, or start anew with --fresh.',
  );
}

type Compared = 'source' | 'seed' | 'from';

function tell(name: Compared, origin: Origin): string {
  const value = origin[name];
  return value === undefined ? `--source ${origin.source}` : `--${name} ${show(name, value)}`;
}

const show = (name: Compared, value: string | number) =>
  name === 'from' ? new Date(Number(value) * 1000).toISOString() : `${value}`;
