// Builds what is missing or out of date: the contracts as they are released, the subgraph's mappings, and the page.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setup } from './setup.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** @param {string} path @returns {string[]} */
function filesUnder(path) {
  const full = join(root, path);
  if (statSync(full).isFile()) return [path];
  return readdirSync(full).flatMap((name) =>
    name === 'node_modules' || name === 'dist' ? [] : filesUnder(join(path, name)),
  );
}

/**
 * Runs a build unless its inputs are those of the last one and what it made is still there.
 * @param {string} name
 * @param {string[]} inputs
 * @param {string} output
 * @param {string} command
 * @param {string[]} args
 * @param {Record<string, string>} env
 */
function build(name, inputs, output, command, args, env = {}) {
  const hash = createHash('sha256');
  for (const file of inputs.flatMap(filesUnder).sort()) hash.update(file).update(readFileSync(join(root, file)));
  const digest = hash.digest('hex');
  const stamp = join(root, 'node_modules', `.tidemark-${name}`);
  if (existsSync(join(root, output)) && existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  console.error(`Building the ${name} …`);
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  if (status !== 0) {
    console.error(`${stdout}\n${stderr}\nThe ${name} could not be built, see above.`);
    process.exit(1);
  }
  writeFileSync(stamp, digest);
}

/** The shell in front of every upgradeable contract; no contract of ours imports it. */
const proxy = 'node_modules/@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol';

/** Builds the contracts as they are released, the subgraph's mappings, the page, and the indexer's page. */
export function buildAll() {
  build(
    'contracts',
    ['contracts/src', 'contracts/doubles', 'foundry.toml', 'package-lock.json'],
    'contracts/out-release',
    process.execPath,
    ['scripts/forge.mjs', 'build', 'contracts/src', 'contracts/doubles', proxy],
    { FOUNDRY_PROFILE: 'release' },
  );
  build(
    'subgraph',
    ['subgraph/src', 'subgraph/schema.graphql', 'subgraph/scripts', 'sdk/src/abi', 'package-lock.json'],
    'subgraph/build/compiled',
    'npm',
    ['run', 'compile', '-w', '@tidemark/subgraph'],
  );
  build('page', ['app', 'sdk/src', 'package-lock.json'], 'app/dist/index.html', 'npm', [
    'run',
    'build',
    '-w',
    '@tidemark/app',
  ]);
  build(
    'explorer',
    ['indexer/explorer', 'indexer/scripts', 'package-lock.json'],
    'indexer/dist/explorer/index.html',
    'npm',
    ['run', 'build', '-w', '@tidemark/indexer'],
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  setup();
  buildAll();
}
