import { formatUnits } from 'viem';
import { ROLES, type Role } from '../roles.ts';
import { dayOf, type Entry } from './journal.ts';

/** What a role brought on a day of chain time, UTC. Amounts in USD, 18 decimals; costs are rounded up. */
export interface Earning {
  readonly day: string;
  readonly role: Role;
  readonly transactions: number;
  /** Those of them that reverted. */
  readonly reverted: number;
  readonly rewards: bigint;
  readonly l2Costs: bigint;
  readonly l1Costs: bigint;
  /** Rewards less costs. */
  readonly net: bigint;
  /** Transactions whose costs are not counted, since the price of ether was not known. */
  readonly unpriced: number;
}

const WAD = 10n ** 18n;

/**
 * Rewards less costs by day and role.
 * @param days How many days up to the newest one; all when left out.
 */
export function earningsOf(entries: readonly Entry[], days?: number): Earning[] {
  const found = new Map<string, Earning>();
  for (const entry of entries) {
    const day = dayOf(entry.time);
    const key = `${day} ${entry.role}`;
    const before = found.get(key) ?? {
      day,
      role: entry.role,
      transactions: 0,
      reverted: 0,
      rewards: 0n,
      l2Costs: 0n,
      l1Costs: 0n,
      net: 0n,
      unpriced: 0,
    };
    const [l2, l1] = [inUsd(entry.l2Fee, entry.ethPrice), inUsd(entry.l1Fee, entry.ethPrice)];
    const reward = entry.event === 'included' ? entry.reward : 0n;
    found.set(key, {
      ...before,
      transactions: before.transactions + 1,
      reverted: before.reverted + (entry.event === 'reverted' ? 1 : 0),
      rewards: before.rewards + reward,
      l2Costs: before.l2Costs + l2,
      l1Costs: before.l1Costs + l1,
      net: before.net + reward - l2 - l1,
      unpriced: before.unpriced + (entry.ethPrice === 0n ? 1 : 0),
    });
  }
  const all = [...found.values()].sort(
    (a, b) => a.day.localeCompare(b.day) || ROLES.indexOf(a.role) - ROLES.indexOf(b.role),
  );
  const known = [...new Set(all.map(({ day }) => day))];
  const shown = days === undefined ? known : known.filter((day) => daysBetween(day, known.at(-1) as string) < days);
  return all.filter(({ day }) => shown.includes(day));
}

const daysBetween = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / 86_400_000;

const inUsd = (wei: bigint, price: bigint) => (wei * price + WAD - 1n) / WAD;

/** For machines: amounts as decimal text, USD. */
export function earningsJson(earnings: readonly Earning[]): string {
  return JSON.stringify(earnings, (_, value) => (typeof value === 'bigint' ? formatUnits(value, 18) : value));
}

/** For people: a line for each day and role, and their sum. */
export function earningsTable(earnings: readonly Earning[]): string {
  if (earnings.length === 0) return 'The journal tells of no transaction.';
  const sum = (of: (one: Earning) => bigint) => earnings.reduce((total, one) => total + of(one), 0n);
  const count = (of: (one: Earning) => number) => earnings.reduce((total, one) => total + of(one), 0);
  const rows = [
    ['day', 'role', 'sent', 'reverted', 'rewards', 'L2', 'L1', 'net, USD'],
    ...earnings.map(({ day, role, transactions, reverted, rewards, l2Costs, l1Costs, net }) => [
      day,
      role,
      String(transactions),
      String(reverted),
      ...[rewards, l2Costs, l1Costs, net].map(dollars),
    ]),
    [
      'all',
      '',
      String(count((one) => one.transactions)),
      String(count((one) => one.reverted)),
      ...[sum((o) => o.rewards), sum((o) => o.l2Costs), sum((o) => o.l1Costs), sum((o) => o.net)].map(dollars),
    ],
  ];
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0))) ?? [];
  const lines = rows.map((row) =>
    row.map((cell, i) => (i < 2 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  '),
  );
  const unpriced = count((one) => one.unpriced);
  if (unpriced > 0) lines.push(`Without the costs of ${unpriced} transactions: the price of ether was not known then.`);
  return lines.map((line) => line.trimEnd()).join('\n');
}

const dollars = (value: bigint) => {
  const [whole, part = ''] = formatUnits(value, 18).split('.');
  return `${whole}.${part.padEnd(4, '0').slice(0, 4)}`;
};
