// What lines that stand in the way of less gas cost: applies each patch of contracts/test/gas/experiments to a copy, measures
// all operations there and writes the table of docs/gas.md. Takes some minutes a patch.
//   npm run gas:experiments [-- NAME …]
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'contracts/test/gas/experiments');
const wanted = process.argv.slice(2);

/** @param {string} cwd @param {string} command @param {string[]} args @returns {string} */
function run(cwd, command, ...args) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status === 0) return stdout;
  console.error(`${command} ${args.join(' ')} failed:\n${(stderr || stdout).trim().split('\n').slice(-8).join('\n')}`);
  process.exit(1);
}

/** @param {string} [patch] @returns {Record<string, number>} */
function measure(patch) {
  const copy = mkdtempSync(join(tmpdir(), 'tidemark-gas-'));
  try {
    for (const part of [
      'contracts/src',
      'contracts/test',
      'contracts/doubles',
      'scripts',
      'snapshots',
      'foundry.toml',
      'README.md',
    ])
      cpSync(join(root, part), join(copy, part), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    if (patch) run(copy, 'git', 'apply', patch);
    return JSON.parse(run(copy, 'node', 'scripts/gas.mjs', '--json'));
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

const names = readdirSync(folder).filter((name) => name.endsWith('.patch'));
const chosen = names.filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)));
const before = measure();
const sections = chosen.map((name) => {
  const text = readFileSync(join(folder, name), 'utf8');
  const of = (/** @type {string} */ key) =>
    text
      .split('\n')
      .flatMap((line) => (line.startsWith(`${key}: `) ? [line.slice(key.length + 2)] : []))
      .join(' ');
  const after = measure(join(folder, name));
  const rows = Object.entries(before).flatMap(([operation, gas]) => {
    const change = (after[operation] ?? 0) - gas;
    if (Math.abs(change) < 100) return [];
    return [
      `| ${operation} | ${gas.toLocaleString('en-US')} | ${(after[operation] ?? 0).toLocaleString('en-US')} | ${change.toLocaleString('en-US')} |`,
    ];
  });
  console.error(`measured ${name}`);
  return [
    `**${of('Change')}** ${of('Costs')}`,
    '',
    '| Operation | As it is | Without | Difference |',
    '|---|---:|---:|---:|',
    ...rows,
  ].join('\n');
});
const body = sections.join('\n\n');
console.log(body);
if (wanted.length === 0) {
  const path = join(root, 'docs/gas.md');
  const page = readFileSync(path, 'utf8');
  const [head] = page.split('<!-- experiments:start -->');
  const tail = page.split('<!-- experiments:end -->')[1];
  writeFileSync(path, `${head}<!-- experiments:start -->\n${body}\n<!-- experiments:end -->${tail}`);
}
