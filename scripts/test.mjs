// The quick whole: every check that belongs to each change. Installs what is missing first.
import { spawnSync } from 'node:child_process';
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
  ['build', process.execPath, ['scripts/build.mjs']],
  ['contracts', process.execPath, ['scripts/forge.mjs', 'test']],
  ['typescript', bin('vitest'), ['run']],
  ['browser', bin('vitest'), ['run', '--config', 'app/vitest.e2e.config.ts']],
];

setup();
const table = [];
let failed = 0;
for (const [name, command, args] of steps) {
  console.log(`\n── ${name}`);
  const started = Date.now();
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) failed++;
  table.push(
    `${status === 0 ? 'passed' : 'FAILED'}  ${((Date.now() - started) / 1000).toFixed(1).padStart(7)} s  ${name}`,
  );
}
console.log(`\n${table.join('\n')}\n\n${steps.length - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
