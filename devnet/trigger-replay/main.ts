// Replays real prices to an exchange with keepers and with orders that wait for them: limit, stop, take-profit, stop-loss and
// ladders. What became of each is compared with what the same prices say. Exits 1 when one fired early, was missed, or filled
// otherwise than computed.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type KeeperEvent, ROLES, type Role } from '@tidemark/keeper';
import { toLine } from '../src/errors.ts';
import { replaySource } from '../src/prices/replay.ts';
import { KINDS, rangeOf } from './placements.ts';
import { run } from './run.ts';
import { judge, type Verdict } from './verdict.ts';

const OPTIONS = {
  accounts: { type: 'string', default: '16' },
  block: { type: 'string', default: '6' },
  from: { type: 'string', default: '2021-05-19T00:00' },
  hours: { type: 'string', default: '24' },
  json: { type: 'boolean', default: false },
  seed: { type: 'string', default: '1' },
  speed: { type: 'string', default: '60' },
  without: { type: 'string' },
  worst: { type: 'string' },
} as const;
const SYMBOLS = ['ETH', 'BTC'];
const HOUR = 3600;
/** Seconds of prices after the end, in which what is on its way is settled. */
const TAIL = 300;
const SHOWN = 20;

const started = Date.now();
const say = (line: string) => console.error(`${Math.round((Date.now() - started) / 1000)} s: ${line}`);

/** @throws {Error} when it is no number of that range. */
function numberOf(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= least && value <= most) return value;
  throw new Error(`--${name} takes a number from ${least} to ${most}, not "${text}".`);
}

function read() {
  const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
  const from = Date.parse(`${values.from}Z`) / 1000;
  if (Number.isNaN(from)) throw new Error(`--from takes a time as 2021-05-19T12:00, not "${values.from}".`);
  const without = values.without as Role | undefined;
  if (without && !ROLES.includes(without)) throw new Error(`--without takes one of ${ROLES.join(', ')}.`);
  const root = fileURLToPath(new URL('../..', import.meta.url));
  return {
    folder: `${positionals[0] ?? process.env.TIDEMARK_DATA ?? `${root}../shared/data`}/prices`,
    from,
    to: from + Math.floor(numberOf('hours', values.hours, 0.05, 720) * HOUR),
    worst: values.worst === undefined ? undefined : Math.floor(numberOf('worst', values.worst, 3, 600) * 60),
    accounts: Math.floor(numberOf('accounts', values.accounts, 1, 40)),
    blockTime: Math.floor(numberOf('block', values.block, 2, 6)),
    speed: numberOf('speed', values.speed, 0.1, 1e6),
    seed: Math.floor(numberOf('seed', values.seed, 0, 2 ** 31)),
    json: values.json,
    without,
  };
}

/** The beginning of the stretch of `seconds` with the widest range of the first market, by minutes. */
function worstOf(folder: string, from: number, to: number, seconds: number): number {
  const source = replaySource(folder, from, to, SYMBOLS);
  const minutes = Math.floor((Math.min(to, source.end ?? to) - from) / 60);
  const ranges = Array.from({ length: minutes }, (_, i) => rangeOf(source, 'ETH', from + 60 * i, from + 60 * (i + 1)));
  let [best, widest] = [from, 0n];
  for (let i = 0; i + seconds / 60 <= minutes; i++) {
    const part = ranges.slice(i, i + seconds / 60);
    const low = part.reduce((least, one) => (one.low < least ? one.low : least), part[0]?.low ?? 0n);
    const high = part.reduce((most, one) => (one.high > most ? one.high : most), 0n);
    const width = low === 0n ? 0n : ((high - low) * 1_000_000n) / low;
    if (width > widest) [best, widest] = [from + 60 * i, width];
  }
  return best;
}

const percentile = (sorted: readonly number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null;

function summary(verdict: Verdict, events: readonly KeeperEvent[]) {
  const { violations, kinds, failures, holds, latencies, widened } = verdict;
  const count = (name: KeeperEvent['event']) =>
    events.filter((one) => one.event === name && 'action' in one && one.action.kind === 'commitSigned').length;
  const latency = { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99), max: latencies.at(-1) ?? null };
  return {
    kinds,
    failures,
    holds,
    latency,
    widened,
    reverts: count('reverted'),
    commits: count('included'),
    violations,
  };
}

async function main(): Promise<void> {
  const { folder, json, worst, ...options } = read();
  const from = worst ? worstOf(folder, options.from, options.to, worst) : options.from;
  const wanted = worst ? from + worst : options.to;
  const source = replaySource(folder, from, wanted + TAIL, SYMBOLS);
  const to = Math.min(wanted, (source.end ?? wanted) - TAIL);
  const { recorded, told } = await run({ ...options, source, to, say });
  const seconds = (Date.now() - started) / 1000;
  say('comparing with the prices');
  const found = summary(judge(recorded, source), told);
  const stretch = {
    from: new Date(from * 1000).toISOString(),
    to: new Date(to * 1000).toISOString(),
    seed: options.seed,
    blocks: recorded.blocks.length,
    seconds: Math.round(seconds),
    speed: Math.round((to - from) / seconds),
    states: SYMBOLS.map((symbol, id) => ({ symbol, blocks: statesOf(recorded.blocks, id) })),
  };
  if (json) console.log(JSON.stringify({ ...stretch, ...found }));
  else print(stretch, found);
  process.exitCode = found.violations.length === 0 ? 0 : 1;
}

/** Blocks by the oracle's state after them. */
function statesOf(blocks: readonly { markets: readonly { state: number }[] }[], market: number) {
  const counts: Record<string, number> = {};
  for (const { markets } of blocks) {
    const name = STATES[markets[market]?.state ?? 5] ?? '';
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
const STATES = ['Normal', 'Strained', 'Guarded', 'Single', 'Fallback', 'Halted', 'SequencerDown'];

function print(
  { from, to, seed, blocks, speed }: { from: string; to: string; seed: number; blocks: number; speed: number },
  { kinds, failures, holds, latency, reverts, commits, violations }: ReturnType<typeof summary>,
): void {
  console.log(`${from} to ${to}, seed ${seed}: ${blocks} blocks at ${speed}×`);
  for (const kind of KINDS) {
    const { placed, filled, failed, expired, releases, cancelled, waiting } = kinds[kind];
    console.log(
      `${kind.padEnd(12)} ${placed} placed, ${filled} filled, ${failed} failed, ${expired} expired, ${cancelled} cancelled, ${waiting} still wait; released ${releases} times`,
    );
  }
  console.log(`failed as computed: ${JSON.stringify(failures)}`);
  console.log(`from the trigger to the fill: p50 ${latency.p50} s, p99 ${latency.p99} s, at most ${latency.max} s`);
  console.log(`${commits} commits, ${reverts} reverted; a trigger that holds for ${holds} s may not be missed`);
  console.log(violations.length === 0 ? 'none early, none missed' : `${violations.length} violations:`);
  for (const line of violations.slice(0, SHOWN)) console.log(`  ${line}`);
}

try {
  await main();
} catch (error) {
  console.error(toLine(error));
  process.exitCode = 1;
}
// Sockets that are kept alive would hold it for seconds.
process.exit();
