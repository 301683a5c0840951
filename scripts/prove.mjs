// Shows that the tests can fail: applies each patch of contracts/test/mutations to a copy of the contracts and expects
// exactly the tests it names to fail, for the reason it names. Writes the table of docs/invariants.md.
//   npm run prove [-- NAME …] [--dry]    --dry: only that every patch applies
import { execFile, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { foundryBinary } from './foundry.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = 'contracts/test/mutations';
const dry = process.argv.includes('--dry');
const wanted = process.argv.slice(2).filter((name) => !name.startsWith('--'));

/** What failed is asked for, not by how little. */
const noShrinking = { FOUNDRY_INVARIANT_SHRINK_RUN_LIMIT: '0' };
/**
 * Each copy takes one core, so that a campaign's runs are the same whatever else the machine does; and compiles everything,
 * since a campaign draws from the literals of what was compiled and tries first what failed before.
 */
const alone = ['--threads', '1'];
const campaign = [...alone, '--force'];

/** @typedef {{name: string, change: string, suite: string, fails: {test: string, reason: string}[]}} Mutation */

/** @param {string} file @returns {Mutation} */
function parse(file) {
  const lines = readFileSync(join(root, folder, file), 'utf8').split('\n');
  const all = (/** @type {string} */ key) =>
    lines.flatMap((line) => (line.startsWith(`${key}: `) ? [line.slice(key.length + 2)] : []));
  const fails = all('Fails').map((line) => {
    const [test = '', ...reason] = line.split(': ');
    return { test, reason: reason.join(': ') };
  });
  return { name: file.replace('.patch', ''), change: all('Change').join(), suite: all('Suite').join(), fails };
}

/** @param {string} copy @param {string[]} args */
const apply = (copy, ...args) => spawnSync('git', ['apply', ...args], { cwd: copy, encoding: 'utf8' });

/**
 * The failing tests of a suite as 'Contract.test' and the reason each gives.
 * @param {string} copy @param {string} suite
 */
async function failures(copy, suite) {
  /** @type {{stdout: string, stderr: string}} */
  const { stdout, stderr } = await promisify(execFile)(
    foundryBinary('forge'),
    ['test', '--json', ...(suite.includes('/invariants/') ? campaign : alone), '--match-path', suite],
    {
      cwd: copy,
      maxBuffer: 1 << 28,
      env: { ...process.env, FOUNDRY_INVARIANT_RUNS: '256', FOUNDRY_INVARIANT_DEPTH: '128', ...noShrinking },
    },
    // A failing test is what is looked for; it makes the exit code 1.
  ).catch((error) => error);
  const line = stdout.split('\n').find((text) => text.startsWith('{"contracts/'));
  if (!line) throw new Error(`${stderr || stdout}`.trim().split('\n').slice(0, 8).join('\n'));
  /** @type {Record<string, {test_results: Record<string, {status: string, reason: string | null}>}>} */
  const suites = JSON.parse(line);
  return Object.entries(suites).flatMap(([path, { test_results }]) =>
    Object.entries(test_results)
      .filter(([, { status }]) => status !== 'Success')
      .map(([test, { reason }]) => ({ test: `${path.split(':').at(-1)}.${test.split('(')[0]}`, reason: `${reason}` })),
  );
}

/** @param {string} copy @param {Mutation} mutation @returns {Promise<string | undefined>} What is wrong. */
async function prove(copy, { name, suite, fails }) {
  const patch = join(root, folder, `${name}.patch`);
  const applied = apply(copy, patch);
  if (applied.status !== 0) return `the patch no longer applies: ${applied.stderr.trim().split('\n')[0]}`;
  if (dry) return void apply(copy, '-R', patch);
  try {
    const seen = await failures(copy, suite);
    const missing = fails.filter(({ test, reason }) => !seen.some((f) => f.test === test && f.reason.includes(reason)));
    const surplus = seen.filter(({ test }) => !fails.some((expected) => expected.test === test));
    if (missing.length === 0 && surplus.length === 0) return undefined;
    return seen.length === 0
      ? 'nothing failed'
      : seen.map(({ test, reason }) => `${test} failed: ${reason}`).join('; ');
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    apply(copy, '-R', patch);
    for (const kept of ['fuzz', 'invariant'])
      rmSync(join(copy, 'contracts/cache', kept), { recursive: true, force: true });
  }
}

const mutations = readdirSync(join(root, folder))
  .filter((file) => file.endsWith('.patch'))
  .sort()
  .map(parse);
const chosen = mutations.filter(({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)));
let failed = 0;
let done = 0;
const verdict = dry ? 'applies' : 'proved';
const waiting = [...chosen];
await Promise.all(Array.from({ length: dry ? 1 : availableParallelism() }, proveThoseWaiting));
console.log(`${chosen.length - failed} ${verdict}, ${failed} failed`);
if (failed === 0 && wanted.length === 0 && !dry) writeTable(mutations);
process.exit(failed === 0 ? 0 : 1);

/** In a copy of its own. */
async function proveThoseWaiting() {
  const copy = mkdtempSync(join(tmpdir(), 'tidemark-prove-'));
  try {
    for (const part of ['contracts/src', 'contracts/test', 'contracts/doubles', 'scripts', 'vectors', 'foundry.toml'])
      cpSync(join(root, part), join(copy, part), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    for (let mutation = waiting.shift(); mutation; mutation = waiting.shift()) {
      const wrong = await prove(copy, mutation);
      if (wrong) failed++;
      const progress = `${++done}/${chosen.length}`;
      console.log(`${progress} ${wrong ? 'FAILED' : verdict} ${mutation.name}${wrong ? `\n  ${wrong}` : ''}`);
    }
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** @param {Mutation[]} rows */
function writeTable(rows) {
  const path = join(root, 'docs/invariants.md');
  const text = readFileSync(path, 'utf8');
  const table = rows.map(({ name, change, fails }) => {
    const tests = fails.map(({ test, reason }) => `\`${test}\`${reason ? `: ${reason}` : ''}`);
    return `| [${name}](../${folder}/${name}.patch) | ${change} | ${tests.join('<br>')} |`;
  });
  const [before] = text.split('<!-- proofs:start -->');
  const after = text.split('<!-- proofs:end -->')[1];
  const body = ['| Patch | What it breaks | What fails |', '|---|---|---|', ...table].join('\n');
  writeFileSync(path, `${before}<!-- proofs:start -->\n${body}\n<!-- proofs:end -->${after}`);
}
