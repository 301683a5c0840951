// Kills an indexer by SIGKILL at seeded moments while it syncs, starts it again, and compares what it has in the end with what
// the chain's logs add up to: no block is missing, none counts twice. Exits 1 when one does.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openDatabase } from '@tidemark/database';
import { Mortal } from '../../devnet/test/mortal.ts';
import { namespaceOf } from '../src/store/layout.ts';
import { ChainDouble, type DoubleLog, moved } from './chainDouble.ts';
import { generator } from './generator.ts';
import { BOOK, movesBuild } from './movesBuild.ts';

const [moments = 50, seed = 1] = process.argv.slice(2).map(Number);
const MOST_WRITES = 30;
const KEYS = 5;
const random = generator(seed);

const folder = mkdtempSync(join(tmpdir(), 'indexer-kill-'));
const chain = new ChainDouble();
const url = await chain.start();
const indexer = new Mortal([fileURLToPath(new URL('killed.ts', import.meta.url)), url, folder]);

/** One unit of a random key for each log, so that a sum is a count. */
const logs = (): DoubleLog[] => Array.from({ length: 1 + random(3) }, () => moved(BOOK, BigInt(random(KEYS)), 1n));

function sums(): Map<string, number> {
  const counted = new Map<string, number>();
  for (const { topics } of chain.blocks.flatMap((block) => block.logs)) {
    const id = `${BOOK} ${BigInt(topics[1] ?? 0)}`;
    counted.set(id, (counted.get(id) ?? 0) + 1);
  }
  return counted;
}

async function main(): Promise<void> {
  for (let i = 0; i < 100; i++) chain.mine(logs());
  for (let moment = 0; moment < moments; moment++) {
    if (random(4) === 0) {
      const depth = 1 + random(64);
      const blocks = Array.from({ length: depth }, logs);
      chain.reorganise(depth, blocks);
    }
    for (let i = 0; i < MOST_WRITES; i++) chain.mine(logs());
    let left = random(MOST_WRITES);
    indexer.killWhen(({ event }) => event === 'written' && left-- === 0);
    await indexer.start();
    if (!(await indexer.waitFor(({ block }) => block === `${chain.head.number}`)))
      throw new Error('It was not killed.');
  }
  await indexer.start();
  await indexer.waitFor(({ block }) => block === `${chain.head.number}`);
  await indexer.kill();
  const database = await openDatabase({ folder }, 'indexer');
  const rows = await database.query(`select id, sum from ${namespaceOf(movesBuild.id)}.total where _to is null`);
  await database.close();
  const found = new Map(rows.map(({ id, sum }) => [String(id), Number(sum)]));
  const wrong = [...sums()].filter(([id, sum]) => found.get(id) !== sum);
  if (wrong.length > 0 || found.size !== sums().size) throw new Error(`These differ: ${JSON.stringify(wrong)}`);
  const total = [...found.values()].reduce((a, b) => a + b, 0);
  console.log(
    `seed ${seed}: killed ${moments} times on the way to block ${chain.head.number}; ${total} events, each once`,
  );
}

try {
  await main();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
} finally {
  await indexer.kill();
  await chain.end();
  rmSync(folder, { recursive: true, force: true });
}
