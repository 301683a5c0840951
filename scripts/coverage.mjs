// Measures which lines and branches of contracts/src the tests reach, and fails below TARGETS. That folder is everything
// that is deployed to a real chain.
//   npm run coverage [-- --json]    --json: one line, percent of lines and of branches
//
// Counted by forge coverage on unoptimised bytecode, wherever the code runs: by delegatecall and in linked libraries too.
// Path 0 of a branch is an if's arm or a require's refusal, path 1 the else or what passes. Forge misses an else that a
// loop leaves: such a one is listed although it is taken.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root, solidityUnder } from './compiled.mjs';
import { foundryBinary } from './foundry.mjs';

/** @typedef {{ line: number, hits: number }} Line */
/** @typedef {{ line: number, path: number, hits: number }} Branch */
/** @typedef {{ lines: Line[], branches: Branch[] }} Counts */

const FOLDER = 'contracts/src';
/** The least, percent. */
const TARGETS = { lines: 98, branches: 95 };
/** Gas is measured on other bytecode; the campaigns take long and reach nothing else. */
const LEFT_OUT = 'contracts/test/{gas,invariants,governance/invariants}/**';
/** Inputs of each fuzz test; the seed is fixed. */
const FUZZ_RUNS = '64';

/** What an lcov report counts, by file. @param {string} report @returns {Map<string, Counts>} */
export function parse(report) {
  /** @type {Map<string, Counts>} */
  const files = new Map();
  for (const record of report.split('end_of_record')) {
    const file = /^SF:(.+)$/m.exec(record)?.[1];
    if (!file) continue;
    const lines = [...record.matchAll(/^DA:(\d+),(\d+)/gm)].map(([, line, hits]) => ({
      line: Number(line),
      hits: Number(hits),
    }));
    // A branch of a line that was never reached has "-".
    const branches = [...record.matchAll(/^BRDA:(\d+),\d+,(\d+),(\d+|-)/gm)].map(([, line, path, hits]) => ({
      line: Number(line),
      path: Number(path),
      hits: hits === '-' ? 0 : Number(hits),
    }));
    files.set(file, { lines, branches });
  }
  return files;
}

/** Whether a file has code that a report must count: interfaces, types and errors have none. @param {string} source */
export function hasCode(source) {
  const bare = source.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
  return /\b(function|constructor|modifier|fallback|receive)\b[^;{}]*\{/.test(bare);
}

/** Percent, never rounded up. @param {{ hits: number }[]} items */
function share(items) {
  const reached = items.filter(({ hits }) => hits > 0).length;
  return {
    reached,
    of: items.length,
    percent: items.length === 0 ? 100 : Math.floor((1e4 * reached) / items.length) / 100,
  };
}

/** @param {Counts[]} all */
export function totals(all) {
  return { lines: share(all.flatMap(({ lines }) => lines)), branches: share(all.flatMap(({ branches }) => branches)) };
}

/** One line for each line and branch that no test reaches. @param {string} file @param {Counts} counts */
export function unreached(file, { lines, branches }) {
  return [
    ...lines.map(({ line, hits }) => ({ line, hits, text: 'not reached' })),
    ...branches.map(({ line, path, hits }) => ({ line, hits, text: `path ${path} not taken` })),
  ]
    .filter(({ hits }) => hits === 0)
    .sort((a, b) => a.line - b.line)
    .map(({ line, text }) => `${file}:${line} ${text}`);
}

/** Runs forge and passes what it says on only when it fails. @param {string[]} args @param {string} failure */
function forge(args, failure) {
  const { status, stdout, stderr } = spawnSync(foundryBinary('forge'), args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, FOUNDRY_FUZZ_RUNS: FUZZ_RUNS },
  });
  if (status === 0) return;
  console.error(`${stdout}\n${stderr}\n${failure}`);
  process.exit(1);
}

/** @returns {string} */
function report() {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-coverage-'));
  try {
    const file = join(folder, 'lcov.info');
    console.error('Building the contracts …');
    // Tests of access read the interfaces from there.
    forge(['build', FOLDER], 'The contracts could not be built, see above.');
    console.error('Building anew for coverage and running the tests, some minutes …');
    forge(
      ['coverage', '--report', 'lcov', '--report-file', file, '--no-match-path', LEFT_OUT],
      'The tests failed, see above.',
    );
    return readFileSync(file, 'utf8');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function main() {
  const json = process.argv.includes('--json');
  const counted = parse(report());
  /** @type {Map<string, Counts>} */
  const all = new Map();
  for (const file of solidityUnder(FOLDER)) {
    if (!hasCode(readFileSync(join(root, file), 'utf8'))) continue;
    const counts = counted.get(file);
    if (!counts) {
      console.error(`${file} has code that the report does not count.`);
      process.exit(1);
    }
    all.set(file, counts);
  }
  const { lines, branches } = totals([...all.values()]);
  if (json) console.log(`{"lines": ${lines.percent.toFixed(2)}, "branches": ${branches.percent.toFixed(2)}}`);
  else print(all);
  const below = [
    ...(lines.percent < TARGETS.lines ? [`lines ${lines.percent} % of ${TARGETS.lines} %`] : []),
    ...(branches.percent < TARGETS.branches ? [`branches ${branches.percent} % of ${TARGETS.branches} %`] : []),
  ];
  if (below.length > 0) console.error(`Coverage is below its target: ${below.join(', ')}.`);
  process.exit(below.length > 0 ? 1 : 0);
}

/** @param {Map<string, Counts>} all */
function print(all) {
  const cell = (/** @type {{ reached: number, of: number, percent: number }} */ { reached, of, percent }) =>
    `${percent.toFixed(2).padStart(8)} %${`${reached}/${of}`.padStart(11)}`;
  const row = (/** @type {string} */ name, /** @type {Counts[]} */ counts) => {
    const { lines, branches } = totals(counts);
    return `${name.padEnd(36)}${cell(lines)}${cell(branches)}`;
  };
  console.log(`${''.padEnd(36)}${'lines'.padStart(21)}${'branches'.padStart(21)}`);
  for (const [file, counts] of all) console.log(row(file.slice(FOLDER.length + 1), [counts]));
  console.log(row('all', [...all.values()]));
  const missing = [...all].flatMap(([file, counts]) => unreached(file, counts));
  if (missing.length > 0) console.log(`\n${missing.join('\n')}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
