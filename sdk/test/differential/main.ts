// The differential fuzz: random operations on the contracts' bytecode and on the model, equal after every one.
import { existsSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runWorker } from '../runWorker.ts';
import { addCounts, type Counts, noCounts } from './fuzz.ts';
import { LEAST, shortcomings, table, UNREACHABLE } from './report.ts';
import type { Progress, Share } from './worker.ts';

const OPTIONS = {
  sequences: { type: 'string', default: '14000' },
  seed: { type: 'string', default: '1' },
  long: { type: 'string', default: '20000' },
  threads: { type: 'string', default: '2' },
  artifacts: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

function read() {
  try {
    return parseArgs({ options: OPTIONS }).values;
  } catch (error) {
    console.error(
      `${error instanceof Error ? error.message : error}\nOptions: --${Object.keys(OPTIONS).join(', --')}.`,
    );
    process.exit(2);
  }
}

const values = read();
const root = fileURLToPath(new URL('../../..', import.meta.url));
const artifacts = values.artifacts ?? `${root}contracts/out-release`;
if (!existsSync(`${artifacts}/DerivativesEngine.sol/DerivativesEngine.json`)) {
  console.error(`No compiled contracts in ${artifacts}: run "npm run -s fuzz:build" first.`);
  process.exit(1);
}

/** To stderr, so that the table or the JSON stands alone. */
function tell(worker: number, { sequences, operations }: Progress): void {
  const seconds = Math.round((Date.now() - started) / 1000);
  console.error(`worker ${worker}: ${sequences} sequences, ${operations} operations, ${seconds} s`);
}

function work(share: Share): Promise<Counts> {
  const module = new URL('./worker.ts', import.meta.url);
  return runWorker<Progress, Counts>(module, share, (progress) => tell(share.first, progress));
}

/** The page of the last long run. */
function write(counts: string): void {
  const lines = [
    '# The differential fuzz',
    '',
    'Random operations on the bytecode of engine and vault and on their model in TypeScript: after every operation every',
    'word of storage, every result and every refusal, its arguments included, are equal. Written by',
    '`npm run fuzz:differential`; a function that succeeds, or an error that is met, less than a hundred times fails it.',
    '',
    `${count.toLocaleString('en-US')} sequences from seed ${seed} on, and one of ${Number(values.long).toLocaleString('en-US')} operations over 50 markets and as many accounts:`,
    '',
    '```',
    counts,
    '```',
    '',
  ];
  writeFileSync(`${root}docs/differential.md`, lines.join('\n'));
}

const started = Date.now();
const [count, seed, step] = [Number(values.sequences), Number(values.seed), Number(values.threads)];
try {
  const shares = Array.from({ length: step }, (_, first) =>
    work({ artifacts, seed, first, step, count, long: Number(values.long) }),
  );
  const counts = noCounts();
  for (const share of await Promise.all(shares)) addCounts(counts, share);
  const lacking = count >= 10_000 ? shortcomings(counts) : [];
  const seconds = Math.round((Date.now() - started) / 1000);
  if (values.json) console.log(JSON.stringify({ ...counts, seed, seconds, unreachable: UNREACHABLE, lacking }));
  else console.log(`${table(counts)}\nseed ${seed}, ${seconds} s, no difference`);
  if (count >= 10_000 && lacking.length === 0) write(table(counts));
  for (const line of lacking) console.error(`Below ${LEAST} or missing: ${line}`);
  process.exit(lacking.length === 0 ? 0 : 1);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
