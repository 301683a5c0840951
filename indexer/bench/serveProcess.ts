// The indexer with its gateway, until its input ends; its first line tells the port.
import { once } from 'node:events';
import { startGateway } from '../src/gateway/index.ts';
import { startIndexer } from '../src/run/startIndexer.ts';
import type { SyncSettings } from './sync.ts';

const { build, rpc, last, place }: SyncSettings = JSON.parse(process.argv[2] ?? '');
const indexer = await startIndexer({ build, rpcs: [rpc], database: place, onWarning: (line) => console.error(line) });
await indexer.reached(BigInt(last));
const gateway = await startGateway({ served: indexer.served, port: 0 });
console.log(JSON.stringify({ port: gateway.port }));
await once(process.stdin.resume(), 'end');
await gateway.close();
await indexer.stop();
process.exit();
