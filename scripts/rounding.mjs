// Checks docs/rounding.md: every function of the contracts that divides is in it, every test and patch it names exists
// and belong together, and no test or patch of roundings is left out.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const tests = 'contracts/test/exact/rounding';
const patches = 'contracts/test/mutations';
const read = (/** @type {string} */ path) => readFileSync(join(root, path), 'utf8');
const list = (/** @type {string} */ folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`);
const doc = read('docs/rounding.md');

/** Functions that divide, as 'Contract.function'. @param {string} path */
function dividing(path) {
  const contract = path.split('/').at(-1)?.replace('.sol', '');
  let name = '';
  return read(path)
    .split('\n')
    .flatMap((line) => {
      name = line.match(/^\s*function (\w+)/)?.[1] ?? name;
      const divides =
        /^(?!\s*(\/\/|\*)).*( \/ |[mM]ulDiv(Down|Up|Ceil|Trunc)?\(|\.div(Up|Floor|Ceil)\(|\bs?div\()/.test(line);
      return divides ? [`${contract}.${name}`] : [];
    });
}

/** The tests of a file, as 'Contract.test'. @param {string} path */
function testsOf(path) {
  const text = read(path);
  const contract = text.match(/\ncontract (\w+Test) /)?.[1];
  return [...text.matchAll(/function (test\w+)\(/g)].map(([, test]) => `${contract}.${test}`);
}

const known = list(tests)
  .filter((path) => path.endsWith('.t.sol'))
  .flatMap(testsOf);
const everyTest = list('contracts/test')
  .filter((path) => path.endsWith('.t.sol'))
  .flatMap(testsOf);
const everyPatch = list(patches).flatMap((path) => path.match(/\/([\w-]+)\.patch$/)?.[1] ?? []);
const swaps = list(patches).flatMap((path) => path.match(/\/(round-[\w-]+)\.patch$/)?.[1] ?? []);
const functions = list('contracts/src')
  .filter((path) => path.endsWith('.sol') && !path.includes('/external/'))
  .flatMap(dividing);

/** @type {string[]} */
const wrong = [];
for (const name of new Set([...functions, ...known, ...swaps])) {
  if (!doc.includes(`\`${name}\``)) wrong.push(`${name} is missing in docs/rounding.md`);
}
for (const [, test, patch] of doc.matchAll(/\| `(\w+Test\.\w+)` \| (?:`([\w-]+)`)? ?\|/g)) {
  if (!everyTest.includes(test ?? '')) wrong.push(`no test ${test}`);
  if (patch && !everyPatch.includes(patch)) wrong.push(`no patch ${patch}`);
  else if (patch && !read(`${patches}/${patch}.patch`).includes(`\nFails: ${test}`))
    wrong.push(`${patch} spares ${test}`);
}
for (const [, name] of doc.matchAll(/^\| `(\w+\.\w+)` \|/gm)) {
  if (!functions.includes(name ?? '')) wrong.push(`${name} divides nothing`);
}
for (const line of wrong) console.error(line);
console.log(`${known.length} tests, ${swaps.length} patches, ${new Set(functions).size} functions that divide`);
process.exit(wrong.length === 0 ? 0 : 1);
