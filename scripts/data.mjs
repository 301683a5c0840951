// The tests that read market data: `*.data.test.ts`, on the files in TIDEMARK_DATA.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setup } from './setup.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = process.env.TIDEMARK_DATA;
if (!folder || !existsSync(folder)) {
  console.error(`No market data${folder ? ` at ${folder}` : ''}: set TIDEMARK_DATA to the folder that holds it.`);
  process.exit(1);
}
setup();
const { status } = spawnSync(
  `${root}node_modules/.bin/vitest`,
  ['run', '--config', 'vitest.data.config.ts', ...process.argv.slice(2)],
  { cwd: root, stdio: 'inherit', env: { ...process.env, TIDEMARK_DATA: resolve(folder) } },
);
process.exit(status ?? 1);
