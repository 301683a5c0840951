import { type Books, checkBooks } from '../test/books.ts';
import type { Auditor } from './auditor.ts';
import { type History, judge, type Verdict } from './judge.ts';
import type { RunningKeeper } from './keepers.ts';
import { type Account, readLedger, summary } from './ledger.ts';
import type { World } from './world.ts';

/** What came of a run, by the chain alone. */
export interface Outcome {
  readonly history: History;
  readonly verdict: Verdict;
  /** Null when they do not add up. */
  readonly books: Books | null;
  readonly keepers: readonly (Account & { name: string })[];
  readonly money: ReturnType<typeof summary>;
  /** What the verdict and the books hold against it. */
  readonly violations: string[];
}

/** Ends the keepers, makes a last block, and judges all blocks that the auditor has looked at, from the first. */
export async function judgeRun(
  world: World,
  auditor: Auditor,
  keepers: readonly RunningKeeper[],
  firstBlock: bigint,
): Promise<Outcome> {
  const { stage, traders } = world;
  const { engine, markets } = stage.deployment;
  for (const keeper of keepers) await keeper.process.kill();
  await world.mine();
  await auditor.look(stage.block);
  const history = await auditor.history();
  const verdict = judge(auditor.records, history);
  const violations = [...verdict.violations];
  const scope = { engine, markets: markets.length, firstBlock, accounts: traders.map(({ id }) => id) };
  const books = await checkBooks(stage.admin, { ...scope, mayExpire: true }).catch((error: Error) => {
    violations.push(`The books: ${error.message}`);
    return null;
  });
  const ledger = await readLedger(
    world,
    keepers.map(({ address }) => address),
    firstBlock,
  );
  const ether = world.source.quoteAt('ETH', Number(stage.now))?.price ?? 0n;
  return {
    history,
    verdict,
    books,
    keepers: keepers.map(({ name }, i) => ({ ...(ledger[i] as Account), name })),
    money: summary(ledger, ether),
    violations,
  };
}
