import type { Hex } from 'viem';
import type { FaultKind } from './schedule.ts';

/** A block of the canonical chain, as it was found when it was the newest. */
export interface BlockRecord {
  readonly number: bigint;
  /** Seconds. */
  readonly time: number;
  /** The fault that it lies in. */
  readonly fault: FaultKind | null;
  /** Whether it lies neither in a fault nor in the ten blocks after one. */
  readonly counts: boolean;
  /** Accounts whose liquidation the contract would have accepted at its end. */
  readonly liquidatable: readonly Hex[];
}

/** What the chain's events tell, in their order. */
export interface History {
  readonly committed: readonly { market: bigint; index: bigint; block: bigint; orders: number }[];
  readonly settled: readonly { market: bigint; index: bigint; block: bigint }[];
  /** Batches from `from` to before `to`. */
  readonly expired: readonly { market: bigint; from: bigint; to: bigint; block: bigint }[];
  readonly liquidated: readonly { account: Hex; block: bigint }[];
}

/** Lags in blocks. */
export interface Lags {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export interface Verdict {
  /** From the block of the commit to that of the settlement: of orders that no fault touched, and of all. */
  readonly settlement: { readonly calm: Lags; readonly all: Lags };
  /** From the block at whose end an account was liquidatable to that of its liquidation: counted blocks, and all. */
  readonly liquidation: { readonly counted: Lags; readonly all: Lags };
  readonly expired: number;
  /** Batches that expired while a fault made their settlement impossible. */
  readonly excused: number;
  readonly violations: readonly string[];
}

/** Seconds within which a commit has to be settled; as INCLUSION_WINDOW. */
const WINDOW = 60;
/** Blocks within which a liquidatable account has to be liquidated. */
export const LIQUIDATION_BLOCKS = 2;
/** With as many blocks of its window that had prices an order has to be settled. */
const ENOUGH = 10;

/** Judges a chain by its blocks and events alone. Pure. */
export function judge(blocks: readonly BlockRecord[], history: History): Verdict {
  const orders = judgeOrders(blocks, history);
  const accounts = judgeAccounts(blocks, history);
  return {
    settlement: orders.lags,
    liquidation: accounts.lags,
    expired: orders.expired,
    excused: orders.excused,
    violations: [...orders.violations, ...accounts.violations],
  };
}

function judgeOrders(blocks: readonly BlockRecord[], { committed, settled, expired }: History) {
  const violations: string[] = [];
  const settledIn = new Map(settled.map(({ market, index, block }) => [`${market} ${index}`, block]));
  const expiredIn = new Map<string, bigint>();
  for (const { market, from, to, block } of expired)
    for (let index = from; index < to; index++) expiredIn.set(`${market} ${index}`, block);
  const records = new Map(blocks.map((record) => [record.number, record]));
  const calm: number[] = [];
  const all: number[] = [];
  let excused = 0;
  for (const { market, index, block, orders } of committed) {
    const key = `${market} ${index}`;
    const name = `Batch ${index} of market ${market}, committed in block ${block},`;
    const end = settledIn.get(key);
    const time = records.get(block)?.time ?? 0;
    if (end !== undefined) {
      if (expiredIn.has(key)) violations.push(`${name} was settled and expired.`);
      const late = (records.get(end)?.time ?? 0) - time;
      if (late > WINDOW) violations.push(`${name} was settled ${late} s later.`);
      const lag = Number(end - block);
      const lags = Array<number>(orders).fill(lag);
      all.push(...lags);
      if (isCalm(records, block, end)) calm.push(...lags);
      continue;
    }
    if (!expiredIn.has(key)) {
      violations.push(`${name} was neither settled nor expired.`);
      continue;
    }
    const priced = blocks.filter((one) => one.time >= time + 2 && one.time <= time + WINDOW && one.fault !== 'stale');
    if (priced.length < ENOUGH) excused++;
    else violations.push(`${name} expired although ${priced.length} blocks of its window had prices.`);
  }
  return { lags: { calm: lagsOf(calm), all: lagsOf(all) }, expired: expiredIn.size, excused, violations };
}

function isCalm(records: ReadonlyMap<bigint, BlockRecord>, from: bigint, to: bigint): boolean {
  for (let block = from; block <= to; block++) if (!records.get(block)?.counts) return false;
  return true;
}

function judgeAccounts(blocks: readonly BlockRecord[], { liquidated }: History) {
  const violations: string[] = [];
  const counted: number[] = [];
  const all: number[] = [];
  /** Since which block each account has been liquidatable without a break, and blocks that counted since. */
  const due = new Map<Hex, { since: bigint; waited: number; told: boolean }>();
  for (const { number, counts, liquidatable } of blocks) {
    const ended = new Set(liquidated.filter(({ block }) => block === number).map(({ account }) => account));
    for (const [account, wait] of due) {
      if (counts) wait.waited++;
      if (ended.has(account)) {
        counted.push(wait.waited);
        all.push(Number(number - wait.since));
      }
      if (ended.has(account) || !liquidatable.includes(account)) due.delete(account);
      else if (wait.waited >= LIQUIDATION_BLOCKS && !wait.told) {
        wait.told = true;
        violations.push(`Account ${account} was liquidatable at block ${wait.since} and still is at block ${number}.`);
      }
    }
    for (const account of liquidatable) {
      if (!due.has(account)) due.set(account, { since: number, waited: 0, told: false });
    }
  }
  return { lags: { counted: lagsOf(counted), all: lagsOf(all) }, violations };
}

/** Of the nearest rank. */
export function lagsOf(lags: readonly number[]): Lags {
  const sorted = [...lags].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1) };
}
