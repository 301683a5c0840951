import { TidemarkError } from '@tidemark/sdk';
import { readConfig, USAGE } from './config.ts';
import { startGateway } from './gateway.ts';
import { openStore } from './openStore.ts';

try {
  if (process.argv.includes('--help')) console.log(USAGE);
  else await serve();
} catch (error) {
  console.error(error instanceof TidemarkError ? error.line : (error as Error).message);
  process.exitCode = 1;
}

async function serve(): Promise<void> {
  const { store: config, gateway: options } = readConfig(process.env);
  const warn = (line: string) => console.error(line);
  const store = await openStore(config, warn);
  const kept = await store.count();
  const gateway = await startGateway({ ...options, store, warn });
  console.log(`${kept} blocks, served at http://${options.host}:${gateway.port}/ipfs/`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void gateway.close());
}
