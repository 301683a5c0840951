import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DevnetError } from '../errors.ts';
import { CONFIDENCE_BPS, type PriceSource, type Quote } from './source.ts';

/** One bar. USD. */
export interface Bar {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

/** A symbol's bars of one file, by opening time. */
export interface Series {
  readonly interval: number;
  readonly bars: ReadonlyMap<number, Bar>;
  readonly first: number;
  readonly last: number;
  /** Hash of the file's text. */
  readonly digest: string;
}

/** Prices of real bars. */
export interface ReplaySource extends PriceSource {
  /** Hash of the files that the prices are from. */
  readonly bars: string;
}

const NAME = /^([A-Z]+)USDT(?:-PERP)?_(1m|5m|15m|1h)_.*\.csv(?:\.gz)?$/;
const SECONDS: Readonly<Record<string, number>> = { '1m': 60, '5m': 300, '15m': 900, '1h': 3600 };
const HEADER = 'unix_ts,open,high,low,close,volume';

/** A file of bars, by its name. */
export interface HistoryFile {
  readonly file: string;
  readonly symbol: string;
  /** Seconds of a bar. */
  readonly interval: number;
}

/**
 * The files of bars in a folder, in the order of their names.
 * @throws {DevnetError} When there is no such folder.
 */
export function historyFiles(folder: string): HistoryFile[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new DevnetError(`There is no folder ${folder}.`, 'Name one with price files.');
  }
  return readdirSync(folder)
    .sort()
    .flatMap((file) => {
      const [, symbol = '', interval = ''] = NAME.exec(file) ?? [];
      return symbol ? [{ file, symbol, interval: SECONDS[interval] ?? 60 }] : [];
    });
}

/**
 * Reads a file of bars.
 * @throws {DevnetError} With file and line of what cannot be a bar.
 */
export function readBars(path: string, interval: number): Series {
  let text: string;
  try {
    const bytes = readFileSync(path);
    text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  } catch (error) {
    throw new DevnetError(
      `${path} cannot be read: ${(error as Error).message}.`,
      'Fetch the file again, or remove it.',
    );
  }
  const refuse = (line: number, what: string): never => {
    throw new DevnetError(`${path}, line ${line}: ${what}.`, 'Correct or remove the file; nothing was started.');
  };
  const lines = text.trimEnd().split('\n');
  if (lines[0]?.trim() !== HEADER) refuse(1, `the header is not "${HEADER}"`);
  const bars = new Map<number, Bar>();
  let previous = 0;
  for (let i = 1; i < lines.length; i++) {
    const cells = (lines[i] ?? '').split(',').map(Number);
    const [time = 0, open = 0, high = 0, low = 0, close = 0] = cells;
    if (cells.length !== 6 || cells.some((cell) => !Number.isFinite(cell))) refuse(i + 1, 'not six numbers');
    if (time <= previous) refuse(i + 1, 'not later than the line before');
    if (low <= 0 || high < Math.max(open, close) || low > Math.min(open, close)) refuse(i + 1, 'no possible bar');
    bars.set(time, { open, high, low, close });
    previous = time;
  }
  if (bars.size === 0) refuse(1, 'no bars');
  return { interval, bars, first: [...bars.keys()][0] ?? 0, last: previous + interval, digest: hash(text) };
}

const hash = (text: string) => createHash('sha256').update(text).digest('hex');

/** Price within a bar: open, the nearer extreme first, the other, close; straight between them. */
function within(bar: Bar, share: number): number {
  const { open, high, low, close } = bar;
  const [first, second] = close >= open ? [low, high] : [high, low];
  const points = [open, first, second, close];
  const leg = Math.min(2, Math.floor(share * 3));
  const [from = open, to = close] = [points[leg], points[leg + 1]];
  return from + (to - from) * (share * 3 - leg);
}

/**
 * Prices of real bars. Of each symbol the finest file that covers the beginning is taken; a symbol without one is not
 * there. In a gap there is no price.
 * @param folder Files named as BTCUSDT_1m_2021-04-20_2021-05-20.csv.gz.
 * @param from Beginning, Unix seconds; that of the first symbol's first file among its finest when left out.
 * @throws {DevnetError} When the folder has nothing for the stretch, or a file is corrupt.
 */
export function replaySource(
  folder: string,
  from: number | undefined,
  to: number | undefined,
  symbols: readonly string[],
): ReplaySource {
  const found = new Map<string, Series>();
  let start = from;
  for (const symbol of symbols) {
    const series = finestSeries(folder, symbol, start);
    start ??= series?.first;
    if (series) found.set(symbol, series);
  }
  const series = [...found.values()];
  if (start === undefined || series.length === 0) {
    const when = from === undefined ? '' : ` at ${new Date(from * 1000).toISOString()}`;
    throw new DevnetError(
      `${folder} has no prices${when}.`,
      'Choose a --from inside of its files, which are named as BTCUSDT_1m_2021-04-20_2021-05-20.csv.gz.',
    );
  }
  const end = Math.min(to ?? Number.POSITIVE_INFINITY, ...series.map(({ last }) => last));
  if (end <= start) throw new DevnetError('The stretch ends before it begins.', 'Choose a later --to.');
  return {
    name: 'replay',
    symbols: [...found.keys()],
    start,
    end,
    bars: hash([...found].flatMap(([symbol, { digest }]) => [symbol, digest]).join()),
    quoteAt(symbol, time): Quote | undefined {
      const own = found.get(symbol);
      const second = Math.floor(time);
      if (!own || second >= end) return undefined;
      const opened = Math.floor(second / own.interval) * own.interval;
      const bar = own.bars.get(opened);
      if (!bar) return undefined;
      const price = within(bar, (second - opened) / own.interval);
      const range = (bar.high - bar.low) / bar.open / Math.sqrt(own.interval / 60);
      const bps = Math.min(40, Math.max(CONFIDENCE_BPS[symbol] ?? 8, range * 1e4 * 0.1));
      return {
        price: BigInt(Math.round(price * 1e8)),
        confidence: BigInt(Math.round(price * bps * 1e4)),
        publishTime: second,
      };
    },
    close: async () => {},
  };
}

/**
 * A symbol's bars of the finest file that covers a time; undefined when none does.
 * @param at Unix seconds; when left out, the first of the finest files.
 * @throws {DevnetError} When there is no such folder, or a file is corrupt.
 */
export function finestSeries(folder: string, symbol: string, at: number | undefined): Series | undefined {
  const files = historyFiles(folder).filter((file) => file.symbol === symbol);
  for (const { file, interval } of files.sort((a, b) => a.interval - b.interval)) {
    if (!mayCover(file, at)) continue;
    const series = readBars(join(folder, file), interval);
    if (at === undefined || (series.first <= at && series.last > at)) return series;
  }
  return undefined;
}

/** Whether the dates in a file's name leave it possible that it holds the beginning. */
function mayCover(file: string, from: number | undefined): boolean {
  const [first, last] = [...file.matchAll(/(\d{4}-\d{2})(-\d{2})?/g)].map(([text]) => Date.parse(text) / 1000);
  if (from === undefined || first === undefined || last === undefined) return true;
  return from >= first - 86_400 && from <= last + 32 * 86_400;
}
