// Runs forge with the arguments given and exits as it does.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { foundryBinary } from './foundry.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { status, signal } = spawnSync(foundryBinary('forge'), process.argv.slice(2), { stdio: 'inherit', cwd: root });
process.exit(signal ? 1 : (status ?? 1));
