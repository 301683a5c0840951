// Measures the time from a change to its subscribers: 200 subscriptions of ten documents over four WebSockets, on PGlite in memory.
// The clients are in a process of their own. npm run bench -- subscriptions [--changes 100] [--json]
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startGateway } from '../src/gateway/index.ts';
import { GatewayClient } from '../test/gatewayClient.ts';
import { MovingFixture } from '../test/movingFixture.ts';
import { percentile } from './percentile.ts';

const SUBSCRIPTIONS = 200;
const CONNECTIONS = 4;
/** Each asks for the price that changes; every one of the two hundred is another document. */
const DOCUMENTS = [
  'market(id: "eth") { price }',
  'markets { id price }',
  'markets(where: { open: true }) { id price skew }',
  'markets(orderBy: price, orderDirection: desc) { price tags }',
  'trades(first: 10) { id market { price } }',
  'positions(where: { market_: { price_gt: 0 } }) { id size market { price } }',
  'accounts { id positions { id market { price } } }',
  'positions(orderBy: market__price) { id market { price } }',
  'market(id: "eth") { price trades(first: 5) { id size } }',
  '_meta { block { number } } market(id: "eth") { price }',
];
const [role, port] = process.argv.slice(2);

if (role === 'clients') await listen(Number(port));
else await measure();

async function listen(port: number): Promise<void> {
  const clients = Array.from({ length: CONNECTIONS }, () => new GatewayClient(port, 'websocket'));
  const heard = Array.from({ length: SUBSCRIPTIONS }, (_, index) =>
    clients[index % CONNECTIONS]?.subscribe(`subscription S${index} { ${DOCUMENTS[index % DOCUMENTS.length]} }`),
  );
  await Promise.all(heard.map((one) => one?.until(() => true)));
  process.send?.('ready');
  process.on('message', async (price: string) => {
    const times = await Promise.all(
      heard.map(async (one) => {
        await one?.until((answer) => JSON.stringify(answer).includes(`"${price}"`));
        return Date.now();
      }),
    );
    process.send?.(times);
  });
}

async function measure(): Promise<void> {
  const { values } = parseArgs({ options: { changes: { type: 'string', default: '50' }, json: { type: 'boolean' } } });
  const served = await MovingFixture.open();
  const gateway = await startGateway({ served: () => served, port: 0 });
  const child = fork(fileURLToPath(import.meta.url), ['clients', `${gateway.port}`], { execArgv: ['--import', 'tsx'] });
  await once(child, 'message');
  const delays: number[] = [];
  for (let change = 1; change <= Number(values.changes); change++) {
    const price = `${5_000 + change}`;
    const all = once(child, 'message');
    child.send(price);
    await served.reprice(price);
    const visible = Date.now();
    const [times] = await all;
    delays.push(...times.map((time: number) => time - visible));
  }
  child.kill();
  await gateway.close();
  await served.database.close();
  const result = {
    subscriptions: SUBSCRIPTIONS,
    changes: Number(values.changes),
    p50Ms: percentile(delays, 0.5),
    p95Ms: percentile(delays, 0.95),
    maxMs: percentile(delays, 1),
  };
  console.log(
    values.json
      ? JSON.stringify(result)
      : `change → subscriber, ${SUBSCRIPTIONS} subscriptions: p50 ${result.p50Ms} ms, p95 ${result.p95Ms} ms, at most ${result.maxMs} ms`,
  );
}
