// Installs what is missing on a fresh checkout; finishes at once when nothing is. Plain Node, before any package.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** @param {string} version e.g. "20.19.1" */
export function supportsNode(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major >= 24;
}

/**
 * Says in one line that a Node will not do; undefined when it will.
 * @param {string} version e.g. "20.19.1"
 */
export function refuseNode(version) {
  return supportsNode(version) ? undefined : `Tidemark needs Node 20.19+, 22.12+ or 24+; this is ${version}.`;
}

/** Installs the locked packages when they are missing or the lock has changed since. Progress goes to stderr. */
export function setup() {
  const refusal = refuseNode(process.versions.node);
  if (refusal) {
    console.error(refusal);
    process.exit(1);
  }
  const lock = createHash('sha256')
    .update(readFileSync(`${root}package-lock.json`))
    .digest('hex');
  const stamp = `${root}node_modules/.tidemark-lock`;
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  console.error('Installing packages (once) …');
  const started = Date.now();
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) {
    console.error('The packages could not be installed: "npm ci" failed, see above.');
    process.exit(1);
  }
  writeFileSync(stamp, lock);
  console.error(`Installed in ${((Date.now() - started) / 1000).toFixed(0)} s.`);
}
