// Measures how long a well-behaved client waits while hostile ones do their worst for some seconds. Gateway, hostile clients and the
// measured one are processes of their own. npm run test:hostile [-- --seconds 20] [--json]
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { percentile } from '../../bench/percentile.ts';
import { GatewayClient } from '../gatewayClient.ts';

/** Milliseconds that a well-behaved client's answer may take, of 95 in 100. */
const GOAL = 100;
const QUERIES = [
  '{ markets { id name price } }',
  '{ trades(first: 20, orderBy: id) { id size price market { name } } }',
  '{ account(id: "0x0a") { label positions { id size } } }',
];

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '20' }, json: { type: 'boolean' } } });
const seconds = Number(values.seconds);

const start = async (file: string, ...parameters: string[]) => {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), parameters, { execArgv: ['--import', 'tsx'] });
  const [first] = await once(child, 'message');
  return { child, first };
};

async function measure(client: GatewayClient, milliseconds: number): Promise<number[]> {
  const times: number[] = [];
  const until = performance.now() + milliseconds;
  for (let index = 0; performance.now() < until; index++) {
    const began = performance.now();
    const answer = (await client.query(QUERIES[index % QUERIES.length] ?? '')) as { errors?: unknown };
    times.push(performance.now() - began);
    if (answer.errors) throw new Error(`A well-behaved client was refused: ${JSON.stringify(answer.errors)}`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  return times;
}

const end = async (child: ChildProcess) => {
  const ended = once(child, 'exit');
  child.kill();
  await ended;
};

const gateway = await start('./gateway.ts');
const port = Number(gateway.first);
const client = new GatewayClient(port, 'websocket');
await measure(client, 2_000);
const alone = await measure(client, 5_000);
const hostile = await start('./clients.ts', `${port}`);
const prices = client.subscribe('subscription { market(id: "eth") { price } }');
await prices.until(() => true);
const beset = await measure(client, seconds * 1_000);
const told = once(hostile.child, 'message');
hostile.child.send('report');
const [outcomes] = await told;
const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
await end(hostile.child);
await client.close();
await end(gateway.child);

const figures = (times: readonly number[]) => ({
  queries: times.length,
  p50Ms: percentile(times, 0.5),
  p95Ms: percentile(times, 0.95),
  maxMs: percentile(times, 1),
});
const drops = Object.fromEntries(
  [...metrics.matchAll(/drops_total\{reason="(\w+)"\} (\d+)/g)].map(([, reason, count]) => [reason, Number(count)]),
);
const result = {
  seconds,
  alone: figures(alone),
  beset: figures(beset),
  subscriptionAnswers: prices.answers.length,
  outcomes,
  drops,
};
console.log(values.json ? JSON.stringify(result) : result);
if (result.beset.p95Ms >= GOAL) {
  console.error(`A well-behaved client waited ${result.beset.p95Ms} ms; 95 in 100 answers may take ${GOAL} ms.`);
  process.exit(1);
}
