// The quick whole: every check that belongs to each change. Installs what is missing first.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { setup } from './setup.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = (/** @type {string} */ name) => `${root}node_modules/.bin/${name}`;
/** @type {[string, string, string[]][]} */
const steps = [
  ['lint', bin('biome'), ['check', '.']],
  ['solidity format', process.execPath, ['scripts/forge.mjs', 'fmt', '--check']],
  ['types', bin('tsc'), ['-p', '.']],
  ['types of the page', bin('tsc'), ['-p', 'app']],
  ['types of the explorer', bin('tsc'), ['-p', 'indexer/explorer']],
  ['build', process.execPath, ['scripts/build.mjs']],
  ['contracts', process.execPath, ['scripts/forge.mjs', 'test']],
  ['typescript', bin('vitest'), ['run']],
  ['browser', bin('vitest'), ['run', '--config', 'app/vitest.e2e.config.ts']],
];

/** Lines of what failed that are told again at the end, where they are not lost among what passed. */
const AGAIN = 60;

/**
 * Runs a step and shows what it prints.
 * @param {string} command @param {string[]} args
 * @returns {Promise<{ ok: boolean, last: string }>} The end of what it printed.
 */
function run(command, args) {
  const env = process.stdout.isTTY ? { FORCE_COLOR: '1', ...process.env } : process.env;
  const child = spawn(command, args, { cwd: root, env, stdio: ['inherit', 'pipe', 'pipe'] });
  let last = '';
  for (const stream of /** @type {const} */ (['stdout', 'stderr'])) {
    child[stream].on('data', (text) => {
      process[stream].write(text);
      last = `${last}${text}`.split('\n').slice(-AGAIN).join('\n');
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve({ ok: status === 0, last }));
  });
}

setup();
const table = [];
const failures = [];
for (const [name, command, args] of steps) {
  console.log(`\n── ${name}`);
  const started = Date.now();
  const { ok, last } = await run(command, args);
  if (!ok) failures.push(`\n── ${name}, which failed, said at its end\n${last}`);
  table.push(`${ok ? 'passed' : 'FAILED'}  ${((Date.now() - started) / 1000).toFixed(1).padStart(7)} s  ${name}`);
}
for (const text of failures) console.log(text);
console.log(`\n${table.join('\n')}\n\n${steps.length - failures.length} passed, ${failures.length} failed`);
process.exitCode = failures.length === 0 ? 0 : 1;
