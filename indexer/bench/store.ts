// How fast the store writes: `npx tsx indexer/bench/store.ts [--events N] [--json]`, on PGlite in memory and on a Postgres.
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { type Database, openDatabase } from '@tidemark/database';
import { readSchema } from '../src/build/schema.ts';
import { openStore } from '../src/store/openStore.ts';
import { Missing } from '../src/wasm/host.ts';
import { startPostgres } from '../test/postgres.ts';

const EVENTS_PER_BLOCK = 10;
const BLOCKS_PER_FLUSH = 100;
const ACCOUNTS = 1_000;
const MARKETS = 10;

/** Five entities an event, as a trade has them: itself, its account, position, market and candle. */
const schema = readSchema(`
  type Account @entity(immutable: false) { id: Bytes! owner: Bytes! margin: BigInt! volume: BigInt! trades: Int! }
  type Market @entity(immutable: false) { id: String! longs: BigInt! shorts: BigInt! index: BigInt! volume: BigInt! trades: Int! }
  type Position @entity(immutable: false) {
    id: String! account: Account! market: Market! size: BigInt! cash: BigInt! cost: BigInt! open: Boolean! changedAt: BigInt!
  }
  type Candle @entity(immutable: false) {
    id: String! market: Market! start: BigInt! open: BigInt! high: BigInt! low: BigInt! close: BigInt! volume: BigInt!
  }
  type Trade @entity(immutable: true) {
    id: Bytes! account: Account! market: Market! position: Position! size: BigInt! price: BigInt! fee: BigInt! profit: BigInt!
    timestamp: BigInt! transaction: Bytes! sequence: Int8!
  }
`);

const hex = (bytes: number, value: number) =>
  `0x${(BigInt(value) * 0x9e3779b97f4a7c15n)
    .toString(16)
    .padStart(bytes * 2, '0')
    .slice(-bytes * 2)}`;

/** @returns Events a second; of all, of what the handlers' side takes, and of what writing takes. */
async function measure(database: Database, events: number) {
  const store = await openStore({ database, schema, id: '0xbe9c4' });
  const began = performance.now();
  let writing = 0;
  for (let block = 0; block * EVENTS_PER_BLOCK < events; block++) {
    const time = BigInt(block * 2);
    store.begin({ number: BigInt(block + 1), hash: hex(32, block + 1), parentHash: hex(32, block), time });
    for (let n = 0; n < EVENTS_PER_BLOCK; n++) {
      const event = block * EVENTS_PER_BLOCK + n;
      const [account, market] = [hex(32, 1 + (event % ACCOUNTS)), String(event % MARKETS)];
      const [position, candle] = [`${account}-${market}-0`, `${market}-60-${time - (time % 60n)}`];
      const [size, price] = [BigInt(event) * 10n ** 12n, 3_000n * 10n ** 18n + BigInt(event)];
      for (let done = false; !done; ) {
        const attempt = store.attempt();
        try {
          const volume = (attempt.get('Account', account)?.volume as bigint | undefined) ?? 0n;
          attempt.set('Account', account, {
            id: account,
            owner: account.slice(0, 42),
            margin: size,
            volume: volume + price,
            trades: n,
          });
          attempt.set('Market', market, {
            id: market,
            longs: size,
            shorts: 0n,
            index: price,
            volume: price,
            trades: event,
          });
          attempt.set('Position', position, {
            id: position,
            account,
            market,
            size,
            cash: -size,
            cost: price,
            open: true,
            changedAt: time,
          });
          attempt.set('Candle', candle, {
            id: candle,
            market,
            start: time - (time % 60n),
            open: price,
            high: price,
            low: price,
            close: price,
            volume: size,
          });
          const id = hex(36, event + 1);
          attempt.set('Trade', id, {
            id,
            account,
            market,
            position,
            size,
            price,
            fee: 1n,
            profit: -size,
            timestamp: time,
            transaction: hex(32, event),
            sequence: BigInt(event),
          });
          attempt.keep();
          done = true;
        } catch (error) {
          if (!(error instanceof Missing)) throw error;
          await error.load();
        }
      }
    }
    store.end();
    if (block % BLOCKS_PER_FLUSH === BLOCKS_PER_FLUSH - 1) {
      const start = performance.now();
      await store.flush();
      writing += performance.now() - start;
    }
  }
  await store.flush();
  const all = performance.now() - began;
  const rate = (milliseconds: number) => Math.round((events / milliseconds) * 1_000);
  return { eventsPerSecond: rate(all), handling: rate(all - writing), writing: rate(writing) };
}

const { values } = parseArgs({ options: { events: { type: 'string', default: '20000' }, json: { type: 'boolean' } } });
const events = Number(values.events);
const embedded = await openDatabase({ folder: null }, 'indexer');
const pglite = await measure(embedded, events);
await embedded.close();
const server = await startPostgres({});
const remote = await openDatabase({ postgres: await server.createDatabase() }, 'indexer');
const postgres = await measure(remote, events);
await remote.close();
await server.stop();
if (values.json) console.log(JSON.stringify({ events, pglite, postgres }));
else console.table({ PGlite: pglite, Postgres: postgres });
