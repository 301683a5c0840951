// The chain's Chainlink feeder as a process of its own, so that it can be killed: RPC and the state's file as arguments.
import { readFileSync } from 'node:fs';
import { ACCOUNTS } from '../src/accounts.ts';
import { connect } from '../src/chain.ts';
import type { State } from '../src/exchange.ts';
import { Faults } from '../src/faults/faults.ts';
import { chainlinkFeeder, fedAggregators } from '../src/feeder.ts';
import { waveSource } from './waveSource.ts';

const [rpc = '', stateFile = ''] = process.argv.slice(2);
const state = JSON.parse(readFileSync(stateFile, 'utf8')) as State;
const client = connect(rpc, ACCOUNTS.feeder);
const feed = chainlinkFeeder(client, waveSource, fedAggregators(state), new Faults([], () => 0));
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
