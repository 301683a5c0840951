// How quickly the runtime indexes, beside Ponder on the same chain; how soon subscribers are told of a block; and how long the
// SDK's documents take over a million trades.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openDatabase } from '@tidemark/database';
import { requireFreePort } from '../../devnet/src/chain.ts';
import { toLine } from '../../devnet/src/errors.ts';
import { readSchema } from '../src/build/schema.ts';
import { startPostgres } from '../test/postgres.ts';
import { installPonder, type Place, runPonder } from './ponder.ts';
import { sampleDocuments } from './queries/documents.ts';
import { load } from './queries/load.ts';
import { measureQueries } from './queries/measure.ts';
import { ENGINES, type Engine, type Measured, page, type Rates, shortcomings, table } from './report.ts';
import { type RunningNode, startNode } from './rpc/start.ts';
import { buildForBench } from './subgraph.ts';
import { measureDelivery } from './subscribers.ts';
import { sync } from './sync.ts';

const OPTIONS = {
  blocks: { type: 'string', default: '60' },
  events: { type: 'string', default: '200000' },
  json: { type: 'boolean', default: false },
  port: { type: 'string', default: '8598' },
  runs: { type: 'string', default: '3' },
  seed: { type: 'string', default: '1' },
  trades: { type: 'string', default: '1000000' },
  write: { type: 'boolean', default: false },
} as const;
const root = fileURLToPath(new URL('../..', import.meta.url));
/** Blocks beyond the last that is indexed: Ponder holds the newest ones back. */
const SPARE = 400;
const TRADERS = 2_000;
const QUERY_RUNS = 100;

const started = Date.now();
const say = (line: string) => console.error(`${Math.round((Date.now() - started) / 1000)} s: ${line}`);

function read() {
  const { values } = parseArgs({ options: OPTIONS });
  const whole = (name: 'blocks' | 'events' | 'port' | 'runs' | 'seed' | 'trades') => {
    if (!/^[1-9]\d{0,6}$/.test(values[name]))
      throw new Error(`--${name} takes a whole number from 1 on, not "${values[name]}".`);
    return Number(values[name]);
  };
  return {
    ...{ blocks: whole('blocks'), events: whole('events'), port: whole('port'), runs: whole('runs') },
    ...{ seed: whole('seed'), trades: whole('trades'), json: values.json, write: values.write },
  };
}
type Settings = ReturnType<typeof read>;

/** Empty databases, one after the other. */
type MakePlace = () => Promise<Place>;

async function measure(settings: Settings, folder: string): Promise<Measured> {
  let made = 0;
  const postgres = await startPostgres({});
  const makers: Record<Engine, MakePlace> = {
    PGlite: async () => ({ folder: join(folder, `${++made}`) }),
    Postgres: async () => ({ postgres: await postgres.createDatabase() }),
  };
  say('making the chain and the subgraph');
  const [node, built] = await Promise.all([
    startNode({ seed: settings.seed, traders: TRADERS, events: settings.events, spare: SPARE }),
    buildForBench(),
  ]);
  try {
    installPonder();
    const rates: Rates[] = [];
    for (const engine of ENGINES) rates.push(await measureRates(settings, engine, makers[engine], node, built));
    say('subscriptions');
    await node.setHead(node.last);
    const where = { build: built.whole, rpc: `http://127.0.0.1:${node.port}`, last: node.last };
    const delivery = await measureDelivery(node, { ...where, place: await makers.PGlite() }, settings.blocks);
    const queries = [];
    for (const engine of ENGINES)
      queries.push({ engine, times: await measureOn(await makers[engine](), settings, engine) });
    const { events, allEvents, last } = node;
    return { events, allEvents, blocks: last, runs: settings.runs, trades: settings.trades, rates, delivery, queries };
  } finally {
    await node.stop();
    await postgres.stop();
    built.remove();
  }
}

/** Turn by turn, so that what else the machine does meets all alike. The first turn warms up and is told apart. */
async function measureRates(
  { runs, port }: Settings,
  engine: Engine,
  make: MakePlace,
  node: RunningNode,
  { whole, cut }: { whole: string; cut: string },
): Promise<Rates> {
  const where = { rpc: `http://127.0.0.1:${node.port}`, last: node.last };
  const ponderPlace = await make();
  const seconds = { whole: [] as number[], cut: [] as number[], ponder: [] as number[] };
  for (let turn = 0; turn <= runs; turn++) {
    await node.setHead(node.last);
    seconds.whole.push(await sync({ ...where, build: whole, place: await make() }));
    seconds.cut.push(await sync({ ...where, build: cut, place: await make() }));
    await node.setHead(node.last + SPARE);
    seconds.ponder.push(await runPonder(node, ponderPlace, `turn_${turn}`, port));
    say(
      `${engine}, turn ${turn}: whole ${seconds.whole[turn]} s, cut ${seconds.cut[turn]} s, Ponder ${seconds.ponder[turn]} s`,
    );
  }
  const ratesOf = ([first = 0, ...rest]: readonly number[]) => {
    const median = [...rest].sort((a, b) => a - b)[Math.floor(rest.length / 2)] ?? first;
    return { first: Math.round(node.events / first), warm: Math.round(node.events / median) };
  };
  return { engine, whole: ratesOf(seconds.whole), cut: ratesOf(seconds.cut), ponder: ratesOf(seconds.ponder) };
}

async function measureOn(place: Place, { trades }: Settings, engine: Engine) {
  say(`loading ${trades} trades into ${engine}`);
  const size = { trades, accounts: Math.ceil(trades / 50), blocks: Math.ceil(trades / 20) };
  const schema = readSchema(readFileSync(`${root}subgraph/schema.graphql`, 'utf8'));
  const id = `0x${'be'.repeat(32)}`;
  const database = await openDatabase(place, 'indexer');
  try {
    const store = await load(database, schema, id, size);
    say('asking');
    return await measureQueries({ database, schema, id, store }, sampleDocuments(size), QUERY_RUNS);
  } finally {
    await database.close();
  }
}

const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'));
try {
  const settings = read();
  await requireFreePort(settings.port, '--port');
  const measured = await measure(settings, folder);
  const lacking = shortcomings(measured);
  console.log(settings.json ? JSON.stringify({ ...measured, lacking }) : table(measured));
  for (const line of lacking) console.error(line);
  if (settings.write) writeFileSync(`${root}docs/indexer-bench.md`, page(measured));
  if (lacking.length > 0) process.exitCode = 1;
} catch (error) {
  console.error(toLine(error));
  process.exitCode = 2;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
