import { mkdirSync } from 'node:fs';
import { derivativesEngineAbi } from '@tidemark/sdk';
import { getAbiItem, toFunctionSelector } from 'viem';
import type { Books } from '../test/books.ts';
import { Auditor } from './auditor.ts';
import { Crowd } from './crowd.ts';
import type { Verdict } from './judge.ts';
import { startKeeper } from './keepers.ts';
import type { Account, summary } from './ledger.ts';
import type { RaceOptions } from './options.ts';
import { judgeRun } from './outcome.ts';
import { DRAIN } from './schedule.ts';
import { Sender } from './sender.ts';
import { makeWorld } from './world.ts';

const BLOCK_TIME = 2;
const POLL_MS = 10;
/** Wei in a thousandth of a gwei. */
const MILLIGWEI = 1_000_000n;
/** What reverts may cost of what is earned. */
const LIMIT = 0.05;
/** Milliseconds between two looks at whether both keepers have finished their turn, and after which they never will. */
const LOOK_MS = 5;
const PATIENCE_MS = 120_000;
const TOLD_EVERY = 100;

/** What came of a race. */
export interface Raced {
  readonly options: RaceOptions;
  readonly blocks: number;
  readonly orders: number;
  readonly liquidations: number;
  readonly verdict: Verdict;
  /** Null when they do not add up. */
  readonly books: Books | null;
  readonly keepers: readonly (Account & { name: string })[];
  readonly money: ReturnType<typeof summary>;
  readonly violations: readonly string[];
}

/**
 * Two keepers of the same roles after the same work. A block is made when both have finished their turn at the one before,
 * so that neither the machine nor its load decides who is first.
 * @param progress Told what happens, a line each.
 */
export async function race(options: RaceOptions, progress: (line: string) => void): Promise<Raced> {
  const blocks = Math.floor((options.minutes * 60) / BLOCK_TIME);
  if (options.log) mkdirSync(options.log, { recursive: true });
  const ending: (() => Promise<unknown>)[] = [];
  try {
    const seconds = blocks * BLOCK_TIME;
    const world = await makeWorld({ ...options, seconds, baseFee: BigInt(options.gas) * MILLIGWEI }, progress);
    ending.push(() => world.end());
    return await run(world, blocks, options, progress, ending);
  } finally {
    for (const end of ending.reverse()) await end();
  }
}

async function run(
  world: Awaited<ReturnType<typeof makeWorld>>,
  blocks: number,
  options: RaceOptions,
  progress: (line: string) => void,
  ending: (() => Promise<unknown>)[],
): Promise<Raced> {
  const { stage } = world;
  const firstBlock = stage.block + 1n;
  const { key } = await world.fundedKey('relay');
  const relay = new Sender(key, (raw) => stage.admin.sendRawTransaction({ serializedTransaction: raw }));
  const until = stage.now + BigInt((blocks - DRAIN) * BLOCK_TIME);
  const crowd = new Crowd(world, relay, options.seed, until);
  const auditor = new Auditor(world);
  const gate = await world.way();
  ending.push(() => gate.end());
  progress('starting the keepers');
  const plan = { rpcs: 1, without: [], pollMs: POLL_MS, atLoss: false, log: options.log };
  const keepers = await Promise.all(['A', 'B'].map((name) => startKeeper(world, { name, ...plan }, gate)));
  ending.push(...keepers.map((keeper) => () => keeper.end()));
  if (options.blind) {
    const names = ['settle', 'liquidate', 'liquidateMany'] as const;
    gate.hold(...names.map((name) => toFunctionSelector(getAbiItem({ abi: derivativesEngineAbi, name }))));
  }

  async function turnsOf(block: bigint): Promise<void> {
    const started = performance.now();
    for (;;) {
      if (keepers.every((keeper) => keeper.turn() >= block)) return;
      if (performance.now() - started > PATIENCE_MS) throw new Error(`A keeper does not finish block ${block}.`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  const wanted = Math.floor(options.flow * options.minutes);
  for (let block = 0; block < blocks; block++) {
    await world.mine();
    const { views, indices } = await auditor.look(stage.block);
    await world.feed();
    const missing = Math.ceil(wanted * Math.min(1, (block + 1) / (blocks - DRAIN))) - auditor.orders;
    if (block < blocks - 2 && missing > 0) await crowd.place(missing, views, indices);
    await turnsOf(stage.block);
    await gate.release();
    if ((block + 1) % TOLD_EVERY === 0) progress(`block ${block + 1} of ${blocks}: ${auditor.orders} orders`);
  }
  progress('judging');
  const outcome = await judgeRun(world, auditor, keepers, firstBlock);
  const { history, verdict, books, money, violations } = outcome;
  if (money.share >= LIMIT) {
    const spent = `Reverts cost $${money.revertsUsd.toFixed(2)} of $${money.rewardsUsd.toFixed(2)} that were earned`;
    violations.push(`${spent}: ${(money.share * 100).toFixed(2)} %, which is not below ${LIMIT * 100} %.`);
  }
  for (const { name, fees } of outcome.keepers)
    if (fees === 0n) violations.push(`Keeper ${name} settled nothing: there was no race.`);
  return {
    options,
    blocks,
    orders: auditor.orders,
    liquidations: history.liquidated.length,
    verdict,
    books,
    keepers: outcome.keepers,
    money,
    violations,
  };
}
