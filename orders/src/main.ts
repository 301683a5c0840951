import { toTidemarkError } from '@tidemark/sdk';
import { readConfig, USAGE } from './config.ts';
import { startOrderService } from './startOrderService.ts';

const args = process.argv.slice(2);
try {
  if (args.includes('--help')) console.log(USAGE);
  else await serve();
} catch (error) {
  console.error(toTidemarkError(error).line);
  process.exitCode = 1;
}

async function serve(): Promise<void> {
  const settings = readConfig(args, process.env);
  const service = await startOrderService({ ...settings, warn: (line) => console.error(line) });
  console.log(`orders of chain ${service.chainId}, served at http://${settings.host}:${service.port}/orders`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void service.close());
}
