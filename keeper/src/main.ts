import { toTidemarkError } from '@tidemark/sdk';
import { readConfig, readEarningsConfig } from './config.ts';
import { KeeperSettingError } from './errors.ts';
import { run } from './run.ts';
import { earningsJson, earningsOf, earningsTable } from './telemetry/earnings.ts';
import { readJournal } from './telemetry/journal.ts';
import { hider } from './telemetry/log.ts';
import { EARNINGS_USAGE, RUN_USAGE, USAGE } from './usage.ts';

let hide = (text: string) => text;
try {
  await command(process.argv.slice(2));
} catch (error) {
  console.error(hide(toTidemarkError(error).line));
  process.exitCode = 1;
}

async function command(args: readonly string[]): Promise<void> {
  const [first, ...rest] = args;
  const isNamed = first !== undefined && !first.startsWith('-');
  if (isNamed && first !== 'run' && first !== 'earnings') {
    // What stands there may be a key.
    throw new KeeperSettingError('There is no such command.', { next: 'There are run and earnings.' });
  }
  const own = isNamed ? rest : args;
  if (own.includes('--help')) {
    console.log(first === 'earnings' ? EARNINGS_USAGE : isNamed ? RUN_USAGE : `${USAGE}\n\n${RUN_USAGE}`);
    return;
  }
  if (first === 'earnings') tellEarnings(own);
  else await keep(own);
}

function tellEarnings(args: readonly string[]): void {
  const { journal, days, json } = readEarningsConfig(args);
  const earnings = earningsOf(readJournal(journal), days);
  console.log(json ? earningsJson(earnings) : earningsTable(earnings));
}

async function keep(args: readonly string[]): Promise<void> {
  const config = readConfig(args, process.env);
  hide = hider(config.secrets);
  const running = await run(config, (line) => console.log(line));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void running.stop());
}
