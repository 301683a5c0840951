// Runs the exchange on this machine: installs and builds what is missing, then is the devnet itself, in the same process, so
// that a signal reaches it.
import { fileURLToPath } from 'node:url';
import { buildAll } from './build.mjs';
import { setup } from './setup.mjs';

// The shell that npm runs this in passes no signal on: its end is ours.
if (process.env.npm_lifecycle_event === 'start') {
  const { ppid } = process;
  setInterval(() => process.ppid === ppid || process.kill(process.pid, 'SIGTERM'), 250).unref();
}
setup();
buildAll();
process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const { register } = await import('tsx/esm/api');
register();
await import('../devnet/src/main.ts');
