import { toTidemarkError } from '@tidemark/sdk';
import {
  readBackupConfig,
  readCommand,
  readExportConfig,
  readResyncConfig,
  readRunConfig,
  readStatusConfig,
} from './config.ts';
import { backUp, exportAll, restore, resync, status } from './run/commands.ts';
import { run } from './run/run.ts';
import { HELP, USAGE } from './usage.ts';

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(toTidemarkError(error).line);
  process.exitCode = 1;
}

async function main(all: readonly string[]): Promise<void> {
  const { command, args } = readCommand(all);
  const { env } = process;
  const print = (line: string) => console.log(line);
  if (args.includes('--help')) return print(all[0] === '--help' ? `${USAGE}\n\n${HELP.run}` : HELP[command]);
  if (command === 'status') {
    if (!(await status(readStatusConfig(args, env), print))) process.exitCode = 1;
  } else if (command === 'resync') await resync(readResyncConfig(args, env), print);
  else if (command === 'export') await exportAll(readExportConfig(args, env), process.stdout);
  else if (command === 'backup') await backUp(readBackupConfig(command, args, env), print);
  else if (command === 'restore') await restore(readBackupConfig(command, args, env), print);
  else {
    const running = await run(readRunConfig(args, env), process.stdout);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void running.stop());
  }
}
