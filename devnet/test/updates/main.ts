// Mutated price updates: the SDK and the double of Pyth's contract agree on every one, and nothing comes out of them that
// was not signed.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runWorker } from '../../../sdk/test/runWorker.ts';
import { addCounts, type Counts } from './fuzz.ts';
import { LEAST, page, shortcomings, tables } from './report.ts';
import type { Share } from './worker.ts';

const OPTIONS = {
  updates: { type: 'string', default: '100000' },
  seed: { type: 'string', default: '1' },
  threads: { type: 'string', default: '2' },
  json: { type: 'boolean', default: false },
  write: { type: 'boolean', default: false },
} as const;
/** From so many on, each class must have its share. */
const WHOLE = 100_000;

function read() {
  try {
    const { json, write, ...numbers } = parseArgs({ options: OPTIONS }).values;
    for (const [name, value] of Object.entries(numbers))
      if (!/^[1-9]\d{0,8}$/.test(value)) throw new Error(`--${name} takes a whole number from 1 on, not "${value}".`);
    return {
      json,
      write,
      updates: Number(numbers.updates),
      seed: Number(numbers.seed),
      threads: Number(numbers.threads),
    };
  } catch (error) {
    console.error(
      `${error instanceof Error ? error.message : error}\nOptions: --${Object.keys(OPTIONS).join(', --')}.`,
    );
    process.exit(2);
  }
}

const { json, write, updates, seed, threads } = read();
const root = fileURLToPath(new URL('../../..', import.meta.url));
const artifacts = `${root}contracts/out-release`;
const data = process.env.TIDEMARK_DATA;
const real = data !== undefined && existsSync(join(data, 'pyth', 'mainnet_updates.json'));
if (write && !data) {
  console.error('The page tells of real updates too: set TIDEMARK_DATA to the folder that holds them.');
  process.exit(1);
}
if (data && !real) {
  console.error(`No updates at ${data}/pyth: set TIDEMARK_DATA to the folder that holds them, or to nothing.`);
  process.exit(1);
}

const started = Date.now();
const seconds = () => Math.round((Date.now() - started) / 1000);

function work(share: Share): Promise<Counts> {
  return runWorker<number, Counts>(new URL('./worker.ts', import.meta.url), share, (done) =>
    // To stderr, so that the table or the JSON stands alone.
    console.error(`worker ${share.first}: ${done} updates, ${seconds()} s`),
  );
}

try {
  const shares = Array.from({ length: threads }, (_, first) =>
    work({ artifacts, real, seed, first, step: threads, count: updates }),
  );
  const counts: Counts = {};
  for (const share of await Promise.all(shares)) addCounts(counts, share);
  const lacking = updates >= WHOLE ? shortcomings(counts) : [];
  if (json) console.log(JSON.stringify({ updates, seed, real, seconds: seconds(), counts, lacking }));
  else console.log(`${tables(counts)}\n\nseed ${seed}, ${seconds()} s, no difference, nothing unsigned`);
  for (const of of lacking) console.error(`Below ${LEAST}: ${of}`);
  if (write && lacking.length === 0) writeFileSync(`${root}docs/price-updates.md`, page(counts, { updates, seed }));
  process.exitCode = lacking.length === 0 ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
