import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Books } from '../test/books.ts';
import type { Lags } from './judge.ts';
import { type Account, type summary, usd } from './ledger.ts';
import type { Raced } from './race.ts';
import type { Soaked } from './soak.ts';

const PAGE = fileURLToPath(new URL('../../docs/soak.md', import.meta.url));
const [START, END] = ['<!-- soak:start -->', '<!-- soak:end -->'];

export const toJson = (value: unknown): string =>
  JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? String(one) : one));

type Money = ReturnType<typeof summary>;

const row = (...cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
const lags = ({ count, p50, p99, max }: Lags) => [count, p50, p99, max] as const;
const dollars = (value: number) => `$${value.toFixed(2)}`;

/** What does not hold, first of all. */
function outcome(violations: readonly string[]): string[] {
  if (violations.length === 0) return ['Everything holds.'];
  return [`**${violations.length} violations:**`, '', ...violations.map((violation) => `- ${violation}`)];
}

function booksText(books: Books | null, liquidations: number): string {
  if (!books) return 'The books do not add up.';
  const { filled, failed, released, expired } = books;
  return `Orders: ${filled} filled, ${failed} failed, ${released} released, ${expired} expired, each exactly once. Positions liquidated: ${liquidations}. The ledger, the open interest and the tokens held agree.`;
}

function keepersTable(keepers: readonly (Account & { name: string })[], money: Money): string[] {
  return [
    '| Keeper | sent | reverted | fees | rewards | L2, ether | L1, ether | of both for reverts |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...keepers.map(({ name, sent, reverted, fees, rewards, l2, l1, lostL2, lostL1 }) =>
      row(
        ...[name, sent, reverted, dollars(usd(fees)), dollars(usd(rewards))],
        ...[ether(l2), ether(l1), ether(lostL2 + lostL1)],
      ),
    ),
    '',
    `Earned ${dollars(money.rewardsUsd)}, spent ${dollars(money.costUsd)}, of that on reverts ${dollars(money.revertsUsd)}: ${(money.share * 100).toFixed(2)} % of what was earned.`,
  ];
}

/** For people at a terminal, and between the marks of the page. */
export function toText(soaked: Soaked): string {
  const { options, verdict, faults, keepers, money, books, violations } = soaked;
  const { settlement, liquidation } = verdict;
  const pace = `${soaked.blocks} blocks at ${soaked.speed.toFixed(1)} chain seconds per second`;
  return [
    `Seed ${options.seed}: ${options.traders} traders, ${soaked.orders} orders, ${pace}, ${soaked.counted} of them counted.`,
    '',
    ...outcome(violations),
    '',
    '| Lag, blocks | number | p50 | p99 | maximum |',
    '| --- | ---: | ---: | ---: | ---: |',
    row('commit to settlement, no fault', ...lags(settlement.calm)),
    row('commit to settlement, all', ...lags(settlement.all)),
    row('liquidatable to liquidated, counted blocks', ...lags(liquidation.counted)),
    row('liquidatable to liquidated, all blocks', ...lags(liquidation.all)),
    '',
    booksText(books, soaked.liquidations),
    '',
    `Batches that expired: ${verdict.expired}, of which no price could settle ${verdict.excused}. Orders by their way: ${Object.entries(
      soaked.ways,
    )
      .map(([way, count]) => `${way} ${count}`)
      .join(', ')}.`,
    '',
    `Orders given to the order service: ${soaked.waited.placed}, of which keepers brought ${soaked.waited.fired} to the chain.`,
    '',
    '| Fault | of keeper | blocks |',
    '| --- | --- | --- |',
    ...faults.map(({ kind, hard, victim, from, to }) =>
      row(`${kind}${hard ? ', the harder way' : ''}`, victim ?? '', `${from} to ${to}`),
    ),
    '',
    ...keepersTable(keepers, money),
    '',
    keepers
      .map(({ name, kills, behind }) => `Keeper ${name} was killed ${kills} times and at most ${behind} blocks behind.`)
      .join(' '),
  ].join('\n');
}

/** For people at a terminal. */
export function raceText({ options, blocks, orders, verdict, books, liquidations, ...raced }: Raced): string {
  const { settlement, liquidation } = verdict;
  return [
    `Seed ${options.seed}: ${orders} orders in ${blocks} blocks, gas at ${options.gas / 1000} gwei${options.blind ? ', blindly' : ''}.`,
    '',
    ...outcome(raced.violations),
    '',
    '| Lag, blocks | number | p50 | p99 | maximum |',
    '| --- | ---: | ---: | ---: | ---: |',
    row('commit to settlement', ...lags(settlement.all)),
    row('liquidatable to liquidated', ...lags(liquidation.all)),
    '',
    booksText(books, liquidations),
    '',
    ...keepersTable(raced.keepers, raced.money),
  ].join('\n');
}

const ether = (wei: bigint) => (Number(wei) / 1e18).toFixed(6);

/** Puts the run between the marks of docs/soak.md. */
export function writePage(soaked: Soaked): void {
  const page = readFileSync(PAGE, 'utf8');
  const [head] = page.split(START);
  const [, tail] = page.split(END);
  writeFileSync(PAGE, `${head}${START}\n${toText(soaked)}\n${END}${tail}`);
}
