// Replays of real crashes through the price oracle: real bars as two venues, Pyth's and Chainlink's feeds of them, the
// oracle's rules and the exchange's liquidations. Writes docs/replays.md, or with proposed parameters what a proposal says
// of them.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { toLine } from '../devnet/src/errors.ts';
import { holdToContract } from './compare.ts';
import { breaches, type Run } from './limits.ts';
import { marketOf } from './market.ts';
import { type Proposed, readParameters } from './parameters.ts';
import { PERIODS } from './periods.ts';
import { replay } from './replay.ts';
import { generated, tables, variantTable, verdict } from './report.ts';
import { commandOf, runSimulation, simulationReport } from './simulation.ts';
import { stretchOf } from './stretch.ts';
import { runVariants } from './variants.ts';

const OPTIONS = {
  json: { type: 'boolean', default: false },
  parameters: { type: 'string' },
  period: { type: 'string' },
  report: { type: 'string' },
  seed: { type: 'string', default: '1' },
} as const;
/** Seconds around the peak of the sources' distance in which the contract's bytecode runs beside the model. */
const BEFORE_PEAK = 300;
const AFTER_PEAK = 300;
const [START, END] = ['<!-- replays:start -->', '<!-- replays:end -->'];
const root = fileURLToPath(new URL('..', import.meta.url));

/** Ends in a line. */
function refuse(what: string): never {
  console.error(what);
  process.exit(2);
}

function read() {
  try {
    const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
    if (!/^\d{1,9}$/.test(values.seed)) throw new Error(`--seed takes a whole number, not "${values.seed}".`);
    const periods = PERIODS.filter(({ name }) => values.period === undefined || name === values.period);
    if (periods.length === 0)
      throw new Error(`There is no period "${values.period}": ${PERIODS.map(({ name }) => name).join(', ')}.`);
    const { json, parameters, period, report } = values;
    if (report !== undefined && parameters === undefined) throw new Error('--report takes --parameters beside it.');
    const markets = parameters === undefined ? undefined : readParameters(readFileSync(parameters, 'utf8'), periods);
    return { json, seed: Number(values.seed), period, periods, markets, report, folder: positionals[0] };
  } catch (error) {
    return refuse(toLine(error));
  }
}

const started = Date.now();
const say = (line: string) => console.error(`${Math.round((Date.now() - started) / 1000)} s: ${line}`);
const { json, seed, period: only, periods, markets, report, folder: named } = read();
const whole = periods.length === PERIODS.length;
const folder = `${named ?? process.env.TIDEMARK_DATA ?? `${root}../shared/data`}/prices`;
if (!existsSync(folder))
  refuse(`There is no folder ${folder}: name the one with the market data, or set TIDEMARK_DATA.`);

/** All markets as they are deployed. @returns How many limits are broken. */
async function replayAll(): Promise<number> {
  const runs: Run[] = [];
  for (const period of periods)
    for (const symbol of period.symbols) {
      say(`${period.title}, ${symbol}`);
      const stretch = stretchOf(folder, period, symbol, { seed });
      const { feeds, from, peakAt } = stretch;
      const replayed = replay(feeds, marketOf(symbol), from);
      const around = { from: peakAt - BEFORE_PEAK, to: peakAt + AFTER_PEAK };
      const held = await holdToContract(`${root}contracts/out-release`, symbol, feeds, around);
      runs.push({ period, stretch, replayed, held });
    }
  const variants = whole ? runVariants(folder, seed, say) : [];
  if (whole) {
    const page = `${root}docs/replays.md`;
    const [before, rest] = readFileSync(page, 'utf8').split(START);
    const after = rest?.split(END)[1];
    writeFileSync(page, `${before}${START}\n${generated(runs, variants, seed)}\n${END}${after}`);
  }
  const broken = runs.flatMap(breaches);
  if (json) {
    const told = runs.map(({ period, stretch: { feeds: _, ...stretch }, ...run }) => ({ period, stretch, ...run }));
    const text = (_: string, value: unknown) => (typeof value === 'bigint' ? `${value}` : value);
    console.log(JSON.stringify({ seed, runs: told, variants, breaches: broken }, text));
  } else console.log([verdict(runs), tables(runs), variantTable(variants)].join('\n\n').trimEnd());
  say(`${runs.length} markets, ${broken.length} limits broken`);
  return broken.length;
}

/** Markets as they are proposed. @returns How many limits are broken. */
function simulateAll(markets: readonly Proposed[]): number {
  const simulated = runSimulation(folder, periods, markets, seed, say);
  const simulation = simulationReport(markets, simulated, commandOf(markets, seed, only));
  const text = JSON.stringify(simulation, null, 2);
  if (report !== undefined) writeFileSync(report, `${text}\n`);
  const lines = simulation.figures.map(({ label, value }) => `- ${label}: ${value}`);
  console.log(json ? text : [verdict(simulated), '', ...lines].join('\n'));
  const broken = simulated.flatMap(breaches).length;
  say(`${simulated.length} markets, ${broken} limits broken`);
  return broken;
}

try {
  const broken = markets ? simulateAll(markets) : await replayAll();
  process.exitCode = broken === 0 ? 0 : 1;
} catch (error) {
  console.error(toLine(error));
  process.exitCode = 1;
}
