// Runs a command for as long as the process that started it lives, and ends it by SIGINT when that one is gone, however it
// went: no chain stays behind.
import { spawn } from 'node:child_process';

const [command = '', ...args] = process.argv.slice(2);
const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
child.stderr.pipe(process.stderr);
process.stderr.on('error', () => {});
process.on('disconnect', () => child.kill('SIGINT'));
child.on('error', () => process.exit(1));
child.on('exit', (code) => process.exit(code ?? 1));
