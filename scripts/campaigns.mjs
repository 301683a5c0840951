// Runs the invariant campaigns, prints how often each handler was called and changed state, and fails when a property
// breaks or a handler is neglected. Arguments go to forge; FOUNDRY_PROFILE=ci makes it 256 × 128, the governor's 64 × 128.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { foundryBinary } from './foundry.mjs';

/** Least share of calls, and of those the least share that changes state. */
const LEAST_CALLS = 0.02;
const LEAST_CHANGES = 0.5;

const root = fileURLToPath(new URL('..', import.meta.url));
const campaigns = ['test', '--json', '--match-path', 'contracts/test/**/invariants/*', ...process.argv.slice(2)];
console.log('Running the campaigns …');
const { stdout, stderr } = spawnSync(foundryBinary('forge'), campaigns, {
  cwd: root,
  encoding: 'utf8',
  maxBuffer: 1 << 28,
});
const line = stdout.split('\n').find((text) => text.startsWith('{"contracts/'));
if (!line) {
  console.error(`${stdout}\n${stderr}\nThe campaigns did not run, see above.`);
  process.exit(1);
}

/** @type {Record<string, {test_results: Record<string, {status: string, reason: string | null, kind: any, counterexample: any}>}>} */
const suites = JSON.parse(line);
let failed = 0;
const fail = (/** @type {string} */ text) => {
  failed++;
  console.error(`  FAILED ${text}`);
};
const percent = (/** @type {number} */ part) => `${(100 * part).toFixed(1)} %`.padStart(8);

for (const [suite, { test_results }] of Object.entries(suites)) {
  for (const { status, reason, kind, counterexample } of Object.values(test_results)) {
    const { runs, calls, metrics } = kind.Invariant;
    console.log(`\n${suite.split(':').at(-1)}: ${runs} runs, ${calls} calls`);
    if (status !== 'Success') fail(`${reason}\n${JSON.stringify(counterexample, null, 1)}`);
    const rows = Object.entries(metrics);
    const total = rows.reduce((sum, [, row]) => sum + row.calls, 0);
    console.log('  handler             calls  of all  changed state');
    for (const [name, row] of rows.sort()) {
      const share = row.calls / total;
      const changes = (row.calls - row.discards - row.reverts) / row.calls;
      const handler = name.split('.').at(-1) ?? name;
      console.log(`  ${handler.padEnd(16)} ${String(row.calls).padStart(8)}${percent(share)}${percent(changes)}`);
      if (status !== 'Success') continue;
      if (share < LEAST_CALLS) fail(`${handler} has less than ${LEAST_CALLS * 100} % of the calls`);
      if (changes < LEAST_CHANGES) fail(`less than ${LEAST_CHANGES * 100} % of the calls of ${handler} change state`);
    }
  }
}
process.exit(failed === 0 ? 0 : 1);
