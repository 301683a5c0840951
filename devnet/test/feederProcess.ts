// The chain's Chainlink feeder as a process of its own, so that it can be killed: RPC and the state's file as arguments.
import { readFileSync } from 'node:fs';
import { MARKETS } from '@tidemark/deploy';
import { ACCOUNTS } from '../src/accounts.ts';
import { connect } from '../src/chain.ts';
import type { State } from '../src/exchange.ts';
import { chainlinkFeeder } from '../src/feeder.ts';
import { waveSource } from './waveSource.ts';

const [rpc = '', stateFile = ''] = process.argv.slice(2);
const { deployment, doubles } = JSON.parse(readFileSync(stateFile, 'utf8')) as State;
const client = connect(rpc, ACCOUNTS.feeder);
const feeds = deployment.markets.flatMap(({ symbol }) => {
  const known = MARKETS[symbol];
  const aggregator = doubles.feeds[symbol]?.aggregator;
  if (!known || !aggregator) return [];
  const { thresholdPpm, heartbeat } = known;
  return [{ symbol, aggregator, settings: { thresholdPpm, heartbeat, latency: 10 } }];
});
const feed = chainlinkFeeder(client, waveSource, feeds);
const tell = (event: Record<string, unknown>) => console.log(JSON.stringify(event));

let seen = -1n;
tell({ event: 'started' });
for (;;) {
  const { number, timestamp } = await client.getBlock();
  if (number === seen) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    continue;
  }
  seen = number;
  const sent = await feed(Number(timestamp));
  tell({ event: 'turn', block: String(number), sent: sent.length });
}
