// One sync by the runtime: says how many seconds it took, from its first request to the last block written.
import { startIndexer } from '../src/run/startIndexer.ts';
import type { SyncSettings } from './sync.ts';

const { build, rpc, last, place }: SyncSettings = JSON.parse(process.argv[2] ?? '');
const started = performance.now();
const indexer = await startIndexer({ build, rpcs: [rpc], database: place, onWarning: (line) => console.error(line) });
const failure = setInterval(() => {
  const { failed } = indexer.standing();
  if (failed === null) return;
  console.error(failed);
  process.exit(1);
}, 200);
await indexer.reached(BigInt(last));
clearInterval(failure);
console.log(JSON.stringify({ seconds: (performance.now() - started) / 1000 }));
await indexer.stop();
process.exit();
