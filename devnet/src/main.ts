// The command behind "npm start".
import { startDevnet } from './devnet.ts';
import { toLine } from './errors.ts';
import { readOptions, USAGE } from './options.ts';

function fail(error: unknown): never {
  console.error(toLine(error));
  process.exit(1);
}

if (process.argv.includes('--help')) {
  console.log(USAGE);
  process.exit(0);
}
try {
  const options = readOptions(process.argv.slice(2));
  const say = (line: string) => options.json || console.log(`  ${line}`);
  const devnet = await startDevnet(options, say);
  if (options.json) console.log(JSON.stringify(devnet.urls));
  else {
    const { app, rpc, prices, metadata, graphql, orders } = devnet.urls;
    console.log(`\nTidemark runs: ${app}\n  chain ${rpc}, prices ${prices}, metadata ${metadata}`);
    console.log(`  index ${graphql}, orders ${orders}/orders`);
    console.log('  Ctrl-C ends it; the next start goes on from here, --fresh starts anew.');
    if (options.speed > 1) {
      setTimeout(() => say(`speed reached: ${devnet.clock.reached.toFixed(1)} of ${options.speed}`), 10_000).unref();
    }
  }
  devnet.onFailure(fail);
  let ending = false;
  const end = () => {
    if (ending) return;
    ending = true;
    devnet.stop().then(() => process.exit(0), fail);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
} catch (error) {
  fail(error);
}
