import { performance } from 'node:perf_hooks';
import { type Due, HealthIndex } from '../src/health/healthIndex.ts';
import { checkerOf } from './checker.ts';
import { MARKETS, type Prices } from './prices.ts';
import { type Changes, Scenario } from './scenario.ts';

export interface Size {
  readonly accounts: number;
  readonly ticks: number;
  readonly seed: number;
  /** Processes of the exact comparison; none: in this one. */
  readonly threads: number;
}

/** Milliseconds. */
export interface Spread {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export interface Result {
  readonly accounts: number;
  /** At the last tick. */
  readonly positions: number;
  readonly markets: number;
  readonly ticks: number;
  readonly seed: number;
  /** From the markets and bands of a tick to the list. */
  readonly tickMs: Spread;
  /** The same in time of the processor, which others do not lengthen; of all threads of the process. */
  readonly cpuMs: Spread;
  /** Taking over the accounts that changed since the last tick. */
  readonly changesMs: Spread;
  readonly changes: number;
  /** Accounts listed, and the most at one tick. */
  readonly due: number;
  readonly mostDue: number;
  /** Verdicts that floating point alone did not give. */
  readonly uncertain: number;
  /** Exact verdicts beside it. */
  readonly checked: number;
  /** Ticks whose list differs from the exact one. */
  readonly differences: number;
  /** The most memory of the process with the index, MiB. */
  readonly rssMiB: number;
}

/**
 * Runs a scenario through an index and compares every list with the exact one.
 * @param say Told how far it is.
 */
export async function run(prices: Prices, size: Size, say: (line: string) => void) {
  const { accounts, ticks, seed, threads } = size;
  const index = new HealthIndex();
  const scenario = new Scenario(prices, accounts, seed);
  const checker = checkerOf(threads);
  const [tickMs, cpuMs, changesMs]: [number[], number[], number[]] = [[], [], []];
  const counts = { changes: 0, due: 0, mostDue: 0, uncertain: 0, checked: 0, differences: 0 };
  try {
    let changes: Changes = scenario.begin();
    for (let tick = 0; tick < ticks; tick++) {
      checker.apply(changes);
      const began = performance.now();
      for (const id of changes.deleted) index.delete(id);
      for (const account of changes.accounts) index.setAccount(account);
      const changed = performance.now();
      const { bands, now } = scenario.tick;
      const [asked, busy] = [performance.now(), process.cpuUsage()];
      for (const [id, { market, config }] of changes.markets) index.setMarket(id, market, config);
      const list = index.due(bands, now);
      const listed = performance.now();
      const { user, system } = process.cpuUsage(busy);
      // The first takes over all there is.
      if (tick > 0) changesMs.push(changed - began);
      tickMs.push(listed - asked);
      cpuMs.push((user + system) / 1000);
      counts.changes += tick > 0 ? changes.accounts.length + changes.deleted.length : 0;
      counts.due += list.length;
      counts.mostDue = Math.max(counts.mostDue, list.length);
      counts.uncertain += index.uncertain;
      counts.checked += index.size;
      if (!equal(list, await checker.list({ bands, now }))) {
        counts.differences++;
        say(`tick ${tick}: the list differs from the exact one`);
      }
      if (tick % 50 === 0) say(`tick ${tick}: ${list.length} due, ${tickMs.at(-1)?.toFixed(1)} ms`);
      if (tick + 1 < ticks) changes = scenario.advance(list, (id) => index.get(id));
    }
  } finally {
    checker.close();
  }
  const positions = [...index.accounts()].reduce((sum, { positions }) => sum + positions.size, 0);
  const times = { tickMs: spread(tickMs), cpuMs: spread(cpuMs), changesMs: spread(changesMs) };
  const rssMiB = Math.ceil(process.resourceUsage().maxRSS / 1024);
  const result: Result = {
    accounts: index.size,
    positions,
    markets: MARKETS,
    ticks,
    seed,
    ...times,
    ...counts,
    rssMiB,
  };
  return { result, index, scenario };
}

/** The same accounts with the same figures in the same order. */
export function equal(a: readonly Due[], b: readonly Due[]): boolean {
  if (a.length !== b.length) return false;
  return a.every(({ id, equity, maintenance, shortfall }, i) => {
    const other = b[i] as Due;
    return (
      id === other.id && equity === other.equity && maintenance === other.maintenance && shortfall === other.shortfall
    );
  });
}

function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => Math.round((sorted[Math.ceil(sorted.length * share) - 1] ?? 0) * 100) / 100;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}
