import { mkdirSync } from 'node:fs';
import type { Books } from '../test/books.ts';
import { Auditor, type Look } from './auditor.ts';
import { Crowd } from './crowd.ts';
import { type Injected, Injector } from './injector.ts';
import type { BlockRecord, Verdict } from './judge.ts';
import { type RunningKeeper, startKeeper } from './keepers.ts';
import type { Account, summary } from './ledger.ts';
import type { SoakOptions } from './options.ts';
import { judgeRun } from './outcome.ts';
import { DRAIN, scheduleFaults } from './schedule.ts';
import { Sender } from './sender.ts';
import { makeWorld } from './world.ts';

/** Seconds from one block to the next. */
const BLOCK_TIME = 2;
/** Wei per gas on L2 while nothing is wrong. */
const BASE_FEE = 1_000_000n;
/** One with two RPCs, and one with a single one. */
const KEEPERS = [
  { name: 'A', rpcs: 2 },
  { name: 'B', rpcs: 1 },
] as const;
/** Blocks between two lines of progress. */
const TOLD_EVERY = 50;

/** What came of a soak. */
export interface Soaked {
  readonly options: SoakOptions;
  readonly blocks: number;
  /** Blocks neither in a fault nor right after one. */
  readonly counted: number;
  /** Chain seconds per second that were reached. */
  readonly speed: number;
  readonly orders: number;
  /** Given to the order service, and how many of them keepers brought to the chain. */
  readonly waited: { readonly placed: number; readonly refused: number; readonly fired: number };
  readonly ways: Readonly<Record<string, number>>;
  readonly liquidations: number;
  readonly verdict: Verdict;
  /** Null when they do not add up. */
  readonly books: Books | null;
  readonly faults: readonly Injected[];
  readonly keepers: readonly (Account & { name: string; kills: number; behind: number })[];
  readonly money: ReturnType<typeof summary>;
  readonly violations: readonly string[];
}

/** @param progress Told what happens, a line each. */
export async function soak(options: SoakOptions, progress: (line: string) => void): Promise<Soaked> {
  const blocks = Math.floor((options.minutes * 60 * options.speed) / BLOCK_TIME);
  const faults = options.rounds === 0 ? [] : scheduleFaults(options.seed, blocks, options.rounds, KEEPERS.length);
  if (options.log) mkdirSync(options.log, { recursive: true });
  const seconds = blocks * BLOCK_TIME;
  const ending: (() => Promise<unknown>)[] = [];
  try {
    const world = await makeWorld({ ...options, seconds, baseFee: BASE_FEE }, progress);
    ending.push(() => world.end());
    return await run(world, blocks, faults, options, progress, ending);
  } finally {
    for (const end of ending.reverse()) await end();
  }
}

async function run(
  world: Awaited<ReturnType<typeof makeWorld>>,
  blocks: number,
  faults: ReturnType<typeof scheduleFaults>,
  options: SoakOptions,
  progress: (line: string) => void,
  ending: (() => Promise<unknown>)[],
): Promise<Soaked> {
  const { stage } = world;
  const firstBlock = stage.block + 1n;
  const relayKey = await world.fundedKey('relay');
  const relay = new Sender(relayKey.key, (raw) => stage.admin.sendRawTransaction({ serializedTransaction: raw }));
  const until = stage.now + BigInt((blocks - DRAIN) * BLOCK_TIME);
  const crowd = new Crowd(world, relay, options.seed, until);
  const auditor = new Auditor(world);
  progress('starting the keepers');
  const pollMs = Math.max(10, Math.round(250 / options.speed));
  const plan = { without: options.without, pollMs, atLoss: true, log: options.log };
  const keepers = await Promise.all(KEEPERS.map((keeper) => startKeeper(world, { ...keeper, ...plan })));
  ending.push(...keepers.map((keeper) => () => keeper.end()));
  const behind = keepers.map(() => 0);
  const injector = new Injector(world, auditor, keepers, faults, options.seed, progress);

  const started = performance.now();
  const waitFor = async (block: number) => {
    const due = started + (block * BLOCK_TIME * 1000) / options.speed;
    const wait = due - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
  };
  for (let block = 0; block < blocks; block++) {
    await waitFor(block);
    await world.mine();
    let look: Look = await auditor.look(stage.block);
    for (const [i, lag] of lagsBehind(keepers, stage.block).entries()) behind[i] = Math.max(behind[i] ?? 0, lag);
    look = (await injector.after(block)) ?? look;
    await world.feed();
    const share = Math.min(1, (block + 1) / (blocks - DRAIN));
    const missing = Math.ceil(options.orders * share) - auditor.orders;
    if (block < blocks - 2 && missing > 0) await crowd.place(missing, look.views, look.indices);
    if ((block + 1) % TOLD_EVERY === 0) progress(`block ${block + 1} of ${blocks}: ${auditor.orders} orders`);
  }
  const speed = (blocks * BLOCK_TIME) / ((performance.now() - started) / 1000);
  progress('judging');
  const outcome = await judgeRun(world, auditor, keepers, firstBlock);
  const { history, verdict, books, money, violations } = outcome;
  if (auditor.orders < options.orders)
    violations.push(`Only ${auditor.orders} of ${options.orders} orders reached the chain.`);
  if (!options.without.includes('liquidator') && history.liquidated.length === 0)
    violations.push('No account was liquidated: nothing was shown.');
  const waited = {
    placed: crowd.waiting.size,
    refused: crowd.refused,
    fired: await auditor.fired(crowd.waiting),
  };
  if (waited.fired === 0 && !options.without.includes('trigger'))
    violations.push('No order that waited was fired: nothing was shown.');
  return {
    options,
    blocks,
    counted: auditor.records.filter(({ counts }: BlockRecord) => counts).length,
    speed,
    orders: auditor.orders,
    waited,
    ways: crowd.ways as Record<string, number>,
    liquidations: history.liquidated.length,
    verdict,
    books,
    faults: injector.done,
    keepers: outcome.keepers.map((keeper, i) => ({
      ...keeper,
      kills: (keepers[i]?.process.kills ?? 0) - 1,
      behind: behind[i] ?? 0,
    })),
    money,
    violations,
  };
}

/** How many blocks each keeper's last turn lies behind; of one that is down or cut off too. */
function lagsBehind(keepers: readonly RunningKeeper[], head: bigint): number[] {
  return keepers.map((keeper) => Number(head - keeper.turn()));
}
