// Measures a part of the exchange: npm run bench -- NAME …
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
/** @type {Record<string, string>} */
const benches = {
  indexer: 'indexer/bench/main.ts',
  keeper: 'keeper/bench/main.ts',
  subscriptions: 'indexer/bench/subscriptions.ts',
};

const [name = '', ...args] = process.argv.slice(2);
const script = Object.hasOwn(benches, name) ? benches[name] : undefined;
if (!script) {
  console.error(`There is no bench "${name}": name one of ${Object.keys(benches).join(', ')}.`);
  process.exit(2);
}
const { status } = spawnSync(`${root}node_modules/.bin/tsx`, [`${root}${script}`, ...args], { stdio: 'inherit' });
process.exit(status ?? 1);
