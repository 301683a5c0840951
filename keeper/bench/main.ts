// How quickly the index lists who is liquidatable, through real crashes, each list compared with the exact model; beside it
// the naive way, every account by multicall.
import { existsSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { requireFreePort } from '../../devnet/src/chain.ts';
import { toLine } from '../../devnet/src/errors.ts';
import { measureNaive } from './naive.ts';
import { crashPrices } from './prices.ts';
import { page, table } from './report.ts';
import { run } from './run.ts';
import { shortcomings } from './verdict.ts';

const OPTIONS = {
  accounts: { type: 'string', default: '100000' },
  json: { type: 'boolean', default: false },
  'no-naive': { type: 'boolean', default: false },
  port: { type: 'string', default: '8599' },
  seed: { type: 'string', default: '1' },
  threads: { type: 'string', default: '2' },
  ticks: { type: 'string', default: '1000' },
  write: { type: 'boolean', default: false },
} as const;
const root = fileURLToPath(new URL('../..', import.meta.url));

function read() {
  const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
  const whole = (name: 'accounts' | 'port' | 'seed' | 'threads' | 'ticks', least: number) => {
    const value = values[name];
    if (!/^\d{1,7}$/.test(value) || Number(value) < least)
      throw new Error(`--${name} takes a whole number from ${least} on, not "${value}".`);
    return Number(value);
  };
  const folder = `${positionals[0] ?? process.env.TIDEMARK_DATA ?? `${root}../shared/data`}/prices`;
  if (!existsSync(folder))
    throw new Error(`There is no folder ${folder}: name the one with the market data, or set TIDEMARK_DATA.`);
  const size = {
    accounts: whole('accounts', 1),
    ticks: whole('ticks', 1),
    seed: whole('seed', 0),
    threads: whole('threads', 0),
  };
  return { ...values, folder, size, port: whole('port', 1) };
}

const started = Date.now();
const say = (line: string) => console.error(`${Math.round((Date.now() - started) / 1000)} s: ${line}`);
try {
  const { folder, size, port, json, write, 'no-naive': alone } = read();
  if (!alone) await requireFreePort(port, '--port');
  const prices = crashPrices(folder, size.ticks);
  const { result, index, scenario } = await run(prices, size, say);
  const naive = alone ? null : await measureNaive(index, scenario, port, say);
  const whole = { ...result, naive, ratio: naive && Math.round(naive.ms / result.tickMs.p50) };
  const lacking = shortcomings(whole);
  console.log(json ? JSON.stringify({ ...whole, lacking }) : table(whole));
  for (const line of lacking) console.error(line);
  if (write) writeFileSync(`${root}docs/keeper-bench.md`, page(whole, prices.series));
  if (lacking.length > 0) process.exitCode = 1;
} catch (error) {
  console.error(toLine(error));
  process.exitCode = 2;
}
