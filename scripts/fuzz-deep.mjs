// The invariant campaigns for hours: 500 calls a run, a new seed each round. Prints every seed, so that a round can be
// had again by "--seed"; what breaks is printed with its calls and makes the exit code 1. A run of an hour or more is
// written to docs/security.md.
//   npm run fuzz:deep -- --hours 1 [--seed 0x…] [--json]
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { foundryBinary } from './foundry.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const RUNS = 48;
const DEPTH = 500;

/** @param {string} name @returns {string | undefined} */
function option(name) {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? undefined : process.argv[at + 1];
}
const hours = Number(option('hours') ?? 1);
if (!(hours > 0)) {
  console.error('--hours takes a number above 0.');
  process.exit(2);
}
const json = process.argv.includes('--json');
const say = (/** @type {string} */ text) => (json ? process.stderr : process.stdout).write(`${text}\n`);

/** @typedef {{status: string, reason: string | null, kind: any, counterexample: any}} Result */

/** @param {string} seed @returns {Record<string, {test_results: Record<string, Result>}>} */
function round(seed) {
  const args = ['test', '--json', '--match-path', 'contracts/test/**/invariants/*', '--fuzz-seed', seed];
  const env = { ...process.env, FOUNDRY_INVARIANT_RUNS: `${RUNS}`, FOUNDRY_INVARIANT_DEPTH: `${DEPTH}` };
  const { stdout, stderr } = spawnSync(foundryBinary('forge'), args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 29,
    env,
  });
  const line = stdout.split('\n').find((text) => text.startsWith('{"contracts/'));
  if (!line) {
    console.error(`${stdout}\n${stderr}\nThe campaigns did not run, see above.`);
    process.exit(1);
  }
  return JSON.parse(line);
}

const end = Date.now() + hours * 3_600_000;
const total = {
  rounds: 0,
  calls: 0,
  seeds: /** @type {string[]} */ ([]),
  broken: /** @type {{seed: string, campaign: string, reason: string}[]} */ ([]),
};
do {
  const seed = option('seed') ?? `0x${randomBytes(8).toString('hex')}`;
  const started = Date.now();
  let calls = 0;
  for (const [suite, { test_results }] of Object.entries(round(seed))) {
    for (const { status, reason, kind, counterexample } of Object.values(test_results)) {
      calls += kind.Invariant.calls;
      if (status === 'Success') continue;
      const campaign = `${suite.split(':').at(-1)}`;
      total.broken.push({ seed, campaign, reason: `${reason}` });
      say(`FAILED ${campaign}, seed ${seed}: ${reason}\n${JSON.stringify(counterexample, null, 1)}`);
    }
  }
  total.rounds++;
  total.seeds.push(seed);
  total.calls += calls;
  const left = Math.max(0, Math.round((end - Date.now()) / 60_000));
  say(`seed ${seed}: ${calls} calls in ${((Date.now() - started) / 1000).toFixed(0)} s, ${left} min left`);
} while (Date.now() < end && option('seed') === undefined);
say(`${total.rounds} rounds, ${total.calls} calls of ${DEPTH} a run, ${total.broken.length} broken`);
if (json) console.log(JSON.stringify(total));
if (hours >= 1 && option('seed') === undefined) writeFindings();
process.exit(total.broken.length === 0 ? 0 : 1);

function writeFindings() {
  const path = join(root, 'docs/security.md');
  const text = readFileSync(path, 'utf8');
  const [before] = text.split('<!-- deep:start -->');
  const after = text.split('<!-- deep:end -->')[1];
  const found = total.broken.map(({ seed, campaign, reason }) => `- \`${campaign}\`, seed \`${seed}\`: ${reason}`);
  const body = [
    `${hours} h, ${total.rounds} rounds, ${total.calls.toLocaleString('en-US')} calls of ${DEPTH} a run, ${total.broken.length} broken.`,
    '',
    ...found,
    ...(found.length > 0 ? [''] : []),
    `Seeds: ${total.seeds.map((seed) => `\`${seed}\``).join(', ')}.`,
  ].join('\n');
  writeFileSync(path, `${before}<!-- deep:start -->\n${body}\n<!-- deep:end -->${after}`);
}
