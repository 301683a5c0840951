// Estimates the price model from real minutes: prints its parameters and how alike its days are to real ones. With
// --write they become the model's and the tables of docs/price-model.md; with --check it only fails where they are not.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { DevnetError, toLine } from '../src/errors.ts';
import { estimate, type Likeness, likeness, type MinuteDay, minuteDays } from '../src/prices/calibration.ts';
import { CALIBRATED, EPOCH, type Law, MODEL_SYMBOLS, modelSource } from '../src/prices/model.ts';
import { type Bar, historyFiles, readBars } from '../src/prices/replay.ts';

const USAGE = 'Write: npm run calibrate -- FOLDER [--json] [--write | --check]';
/** A symbol with fewer days than this is left out. */
const LEAST_DAYS = 30;
const SIMULATED_DAYS = 2000;
const SEED = 1;
const PARAMETERS = fileURLToPath(new URL('../src/prices/calibrated.json', import.meta.url));
const PAGE = fileURLToPath(new URL('../../docs/price-model.md', import.meta.url));

interface Calibration {
  readonly law: Law;
  readonly real: Likeness;
  readonly simulated: Likeness;
}

/** The days of each symbol of the model with minutes in the folder. */
function readDays(folder: string): Map<string, MinuteDay[]> {
  const bars = new Map<string, Map<number, Bar>>();
  for (const { file, symbol, interval } of historyFiles(folder)) {
    if (interval !== 60 || !MODEL_SYMBOLS.includes(symbol)) continue;
    console.error(`reading ${file}`);
    const known = bars.get(symbol) ?? new Map<number, Bar>();
    bars.set(symbol, known);
    for (const [time, bar] of readBars(join(folder, file), interval).bars) known.set(time, bar);
  }
  const days = [...bars].map(([symbol, known]) => [symbol, minuteDays(known)] as const);
  return new Map(days.filter(([, { length }]) => length >= LEAST_DAYS));
}

function simulate(symbol: string, law: Law): MinuteDay[] {
  const source = modelSource(SEED, EPOCH, [symbol], { [symbol]: law });
  const minutes = Array.from({ length: SIMULATED_DAYS * 1440 }, (_, i) => EPOCH + 60 * i);
  return minuteDays(minutes.map((time) => [time, { close: Number(source.quoteAt(symbol, time)?.price) }] as const));
}

const rounded = (law: Law) =>
  Object.fromEntries(Object.entries(law).map(([name, value]) => [name, Number(value.toFixed(3))])) as unknown as Law;

function tables(found: Readonly<Record<string, Calibration>>): string {
  const symbols = Object.entries(found);
  const row = (...cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const table = (head: readonly string[], rows: readonly string[][]) =>
    [row(...head), row(...head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map((cells) => row(...cells))].join(
      '\n',
    );
  const percent = (part: number) => `${(100 * part).toFixed(1)}`;
  const points = (part: number) => `${(1e4 * part).toFixed(0)}`;
  const names = Object.keys(symbols[0]?.[1].law ?? {}) as (keyof Law)[];
  const both = symbols.flatMap(([symbol, { real, simulated }]) => [
    { name: `${symbol}, real`, like: real },
    { name: `${symbol}, simulated`, like: simulated },
  ]);
  return [
    table(
      ['Symbol', 'days', ...names.map((name) => `\`${name}\``)],
      symbols.map(([symbol, { law, real }]) => [symbol, `${real.days}`, ...names.map((name) => `${law[name]}`)]),
    ),
    'A day’s range, highest over lowest minute, %; and the share of days, %, that ranged or ended more than 10 % away:',
    table(
      ['', '5 %', '25 %', '50 %', '75 %', '95 %', '99 %', 'ranged', 'ended'],
      both.map(({ name, like }) => [name, ...[...like.range, like.wide, like.far].map(percent)]),
    ),
    'Size of a minute’s move, basis points:',
    table(
      ['', '50 %', '90 %', '99 %', '99.9 %', '99.99 %'],
      both.map(({ name, like }) => [name, ...like.move.map(points)]),
    ),
  ].join('\n\n');
}

function main(): void {
  const options = { json: { type: 'boolean' }, write: { type: 'boolean' }, check: { type: 'boolean' } } as const;
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [folder, ...more] = positionals;
  if (folder === undefined || more.length > 0) throw new DevnetError('One folder of price files is needed.', USAGE);
  const days = readDays(folder);
  if (days.size === 0) throw new DevnetError(`${folder} has no symbol with ${LEAST_DAYS} days of minutes.`, USAGE);
  const found: Record<string, Calibration> = {};
  for (const [symbol, real] of [...days].sort()) {
    console.error(`estimating ${symbol} from ${real.length} days, simulating ${SIMULATED_DAYS}`);
    const law = rounded(estimate(real));
    found[symbol] = { law, real: likeness(real), simulated: likeness(simulate(symbol, law)) };
  }
  const laws = Object.fromEntries(Object.entries(found).map(([symbol, { law }]) => [symbol, law]));
  const page = readFileSync(PAGE, 'utf8').replace(
    /(<!-- calibration:start -->\n)[\s\S]*(<!-- calibration:end -->)/,
    (_, start, end) => `${start}${tables(found)}\n${end}`,
  );
  if (values.write) {
    writeFileSync(PARAMETERS, `${JSON.stringify(laws, null, 2)}\n`);
    writeFileSync(PAGE, page);
  }
  if (values.check && !(isDeepStrictEqual(laws, CALIBRATED) && page === readFileSync(PAGE, 'utf8'))) {
    throw new DevnetError('The model’s parameters or their page are not what the folder gives.', 'Run with --write.');
  }
  console.log(values.json ? JSON.stringify(found) : `${JSON.stringify(laws, null, 2)}\n\n${tables(found)}`);
}

try {
  main();
} catch (error) {
  console.error(toLine(error));
  process.exitCode = 1;
}
