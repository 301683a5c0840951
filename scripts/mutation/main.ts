// Shows how much of the contracts the tests hold: changes them at one place after another, and asks the tests whether they
// notice. Roundings and comparisons come first and whole; of the rest, one of each operator in each function is drawn, then
// another. What has been judged is kept, and a run with the same seed goes on from there: when the contracts have changed
// everything is judged anew, when only the tests have, what survived. Writes docs/mutation.md when enough are judged, and
// the mutants argued to be equivalent (equivalents.json) to docs/security.md.
//   npm run mutation -- [--minutes 90] [--seed 1] [--workers N] [--json] [--fresh]
//     --minutes 0 judges nothing and tells what is known; --plain N builds N judged mutants by themselves and compares
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { constantsOf } from '../bounds.mjs';
import { compile, root, solidityUnder } from '../compiled.mjs';
import { compiling, type Durations, Judge, type Numbered, type Verdict } from './judge.ts';
import { drawn, type Mutant, mutantsOf, nameOf, WHOLE } from './mutants.ts';
import {
  between,
  type Equivalent,
  equivalentsTable,
  pageOf,
  percent,
  resultOf,
  shareOf,
  show,
  summary,
} from './report.ts';

const OPTIONS = {
  minutes: { type: 'string', default: '90' },
  seed: { type: 'string', default: '1' },
  workers: { type: 'string', default: `${availableParallelism()}` },
  plain: { type: 'string' },
  fresh: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;
const { values } = parseArgs({ options: OPTIONS });
const [minutes, seed, workers] = [Number(values.minutes), Number(values.seed), Number(values.workers)];

/** Mutants in one build. */
const BATCH = 500;
/** Suites that noticed most of a file's mutants, asked first. */
const LIKELY = 3;
/** Mutants judged from which the result is written to the page, and must be good enough. */
const ENOUGH = 400;
/** Part of those not equivalent that must be killed. */
const LEAST = 0.9;

const mutated = solidityUnder('contracts/src').filter((file) =>
  /^contracts\/src\/(libraries\/|engine\/|RiskManager\.sol)/.test(file),
);
const folder = join(root, 'contracts/cache-mutation');
const stateFile = join(folder, `seed-${seed}.json`);
const say = (text: string) => (values.json ? process.stderr : process.stdout).write(`${text}\n`);

interface State {
  /** Of all that is mutated, and of the mutator. */
  contracts: string;
  /** Of all that judges. */
  tests: string;
  minutes: number;
  verdicts: Record<string, Verdict>;
  /** By batch. */
  durations: Record<number, Durations>;
}

/** @param parts Files and folders, relative to the root. */
function digest(...parts: string[]): string {
  const hash = createHash('sha256');
  const files = parts.flatMap((part) =>
    statSync(join(root, part)).isFile()
      ? [part]
      : readdirSync(join(root, part), { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => relative(root, join(entry.parentPath, entry.name)))
          .sort(),
  );
  for (const file of files) hash.update(file).update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

function load(): State {
  const fresh: State = {
    contracts: digest('contracts/src', 'foundry.toml', 'package-lock.json', 'scripts/mutation/mutants.ts'),
    tests: digest('contracts/test', 'contracts/doubles', 'vectors', 'sdk/src', 'sdk/test/differential'),
    minutes: 0,
    verdicts: {},
    durations: {},
  };
  if (values.fresh || !existsSync(stateFile)) return fresh;
  const state: State = JSON.parse(readFileSync(stateFile, 'utf8'));
  if (state.contracts !== fresh.contracts) {
    say('The contracts have changed: everything is judged anew.');
    return fresh;
  }
  if (state.tests === fresh.tests) return state;
  say('The tests have changed: what survived is judged anew.');
  const verdicts = Object.entries(state.verdicts).filter(([, { outcome }]) => outcome !== 'survived');
  return { ...fresh, minutes: state.minutes, verdicts: Object.fromEntries(verdicts) };
}

/** Whole, even if interrupted. */
function save(state: State): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${stateFile}.new`, JSON.stringify(state));
  renameSync(`${stateFile}.new`, stateFile);
}

function allMutants(): Mutant[] {
  const { sources } = compile(solidityUnder('contracts/src'));
  const constants = constantsOf(Object.values(sources).map(({ ast }) => ast));
  return mutated.flatMap((file) => {
    const ast = sources[file]?.ast;
    return ast ? mutantsOf(file, readFileSync(join(root, file), 'latin1'), ast, constants) : [];
  });
}

/** The suites that have noticed most of the file's mutants, most of all the function's own, the likeliest first. */
function likely(mutant: Mutant, order: readonly Mutant[], state: State): string[] {
  const weights = new Map<string, number>();
  for (const other of order) {
    const by = other.file === mutant.file ? state.verdicts[nameOf(other)]?.by?.split('.')[0] : undefined;
    if (by) weights.set(by, (weights.get(by) ?? 0) + (other.function === mutant.function ? 100 : 1));
  }
  return [...weights]
    .sort(([, a], [, b]) => b - a)
    .slice(0, LIKELY)
    .map(([name]) => name);
}

/** What is judged whole comes first; of it what is argued to be equivalent last, since survivors take longest. */
const turnOf = (mutant: Mutant) => (!WHOLE.includes(mutant.operator) ? 2 : argued.has(nameOf(mutant)) ? 1 : 0);

/** Judges until the time is over or nothing is left. */
async function run(order: readonly Mutant[], state: State): Promise<void> {
  const started = Date.now();
  const before = state.minutes;
  const spent = () => (Date.now() - started) / 60_000;
  const judge = new Judge(join(folder, 'build'));
  let judged = 0;
  let killed = 0;

  const note = (mutant: Mutant, verdict: Verdict) => {
    state.verdicts[nameOf(mutant)] = verdict;
    state.minutes = before + spent();
    save(state);
    if (verdict.outcome === 'refused') return say(`did not compile: ${show(mutant)}`);
    judged++;
    if (verdict.outcome === 'survived') say(`SURVIVED ${show(mutant)}`);
    else killed++;
    if (judged % 10 !== 0) return;
    const left = Math.max(0, minutes - spent());
    say(
      `${judged} judged, ${killed} killed, ${percent(killed, judged)}, ${(judged / spent()).toFixed(1)} a minute, ${left.toFixed(0)} min left`,
    );
  };

  const batches = Array.from({ length: Math.ceil(order.length / BATCH) }, (_, batch) => batch);
  const rounds = [0, 1, 2].flatMap((turn) => batches.map((batch) => ({ batch, turn })));
  for (const { batch, turn } of rounds) {
    if (spent() >= minutes) break;
    const numbered = order
      .slice(batch * BATCH, (batch + 1) * BATCH)
      .map((mutant, i): Numbered => ({ ...mutant, id: i + 1 }));
    const waiting = numbered.filter((mutant) => turnOf(mutant) === turn && !state.verdicts[nameOf(mutant)]);
    if (waiting.length === 0) continue;
    const taken = compiling(numbered.filter((mutant) => state.verdicts[nameOf(mutant)]?.outcome !== 'refused'));
    for (const mutant of waiting.filter((one) => !taken.includes(one)))
      note(mutant, { outcome: 'refused', seconds: 0 });
    say(`Building ${taken.length} mutants …`);
    judge.build(taken);
    state.durations[batch] = await judge.prepare(state.durations[batch]);
    save(state);
    say(`Passes unmutated; ${workers} at a time.`);
    const queue = waiting.filter((mutant) => taken.includes(mutant));
    const work = async () => {
      for (let mutant = queue.shift(); mutant && spent() < minutes; mutant = queue.shift())
        note(mutant, await judge.judge(mutant.id, likely(mutant, order, state), turn === 1));
    };
    await Promise.all(Array.from({ length: workers }, work));
  }
}

/** Builds judged mutants as they would be written, and tells where the tests say otherwise. */
async function compare(order: readonly Mutant[], state: State, count: number): Promise<boolean> {
  const judge = new Judge(join(folder, 'plain'));
  const sample = order
    .filter((mutant) => state.verdicts[nameOf(mutant)]?.by)
    .filter((_, i, all) => i % Math.ceil(all.length / count) === 0);
  const survivors = order
    .filter((mutant) => state.verdicts[nameOf(mutant)]?.outcome === 'survived')
    .slice(0, Math.ceil(count / 4));
  let differ = 0;
  for (const mutant of [...sample, ...survivors]) {
    const known = state.verdicts[nameOf(mutant)];
    judge.buildPlain(mutant);
    await judge.prepare(state.durations[0]);
    const { outcome, by } = await judge.judge(0, known?.by ? [known.by.split('.')[0] ?? ''] : []);
    if (outcome !== known?.outcome) differ++;
    say(
      `${outcome === known?.outcome ? 'agrees' : 'DIFFERS'}: ${known?.outcome} by ${known?.by}, plainly ${outcome} by ${by}: ${show(mutant)}`,
    );
  }
  say(`${sample.length + survivors.length} compared, ${differ} differ`);
  return differ === 0;
}

const equivalents: Equivalent[] = JSON.parse(readFileSync(new URL('./equivalents.json', import.meta.url), 'utf8'));
const argued = new Set(equivalents.map(nameOf));
const order = drawn(allMutants(), seed);
const state = load();
if (values.plain) process.exit((await compare(order, state, Number(values.plain))) ? 0 : 1);
await run(order, state);

const result = resultOf(order, state.verdicts, equivalents, { seed, minutes: state.minutes });
say(`\n${summary(result)}`);
for (const survivor of result.survivors) say(`survived: ${show(survivor)}`);
for (const one of result.mistaken) say(`killed or gone, though argued to be equivalent: ${nameOf(one)}`);
if (values.json) console.log(JSON.stringify(result));
const security = join(root, 'docs/security.md');
writeFileSync(security, between(readFileSync(security, 'utf8'), 'equivalents', equivalentsTable(equivalents)));
const enough = result.all.judged >= ENOUGH;
if (enough) writeFileSync(join(root, 'docs/mutation.md'), pageOf(result));
process.exit(result.mistaken.length === 0 && (!enough || shareOf(result.all) >= LEAST) ? 0 : 1);
