import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Lags } from './judge.ts';
import { usd } from './ledger.ts';
import type { Soaked } from './soak.ts';

const PAGE = fileURLToPath(new URL('../../docs/soak.md', import.meta.url));
const [START, END] = ['<!-- soak:start -->', '<!-- soak:end -->'];

export const toJson = (value: unknown): string =>
  JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? String(one) : one));

const row = (...cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
const lags = ({ count, p50, p99, max }: Lags) => [count, p50, p99, max] as const;
const dollars = (value: number) => `$${value.toFixed(2)}`;

/** For people at a terminal, and between the marks of the page. */
export function toText(soaked: Soaked): string {
  const { options, verdict, faults, keepers, money, books, violations } = soaked;
  const { settlement, liquidation } = verdict;
  return [
    `Seed ${options.seed}: ${options.traders} traders, ${soaked.orders} orders, ${soaked.blocks} blocks at ${soaked.speed.toFixed(1)} chain seconds per second, ${soaked.counted} of them counted.`,
    '',
    violations.length === 0 ? 'Everything holds.' : `**${violations.length} violations:**`,
    ...(violations.length === 0 ? [] : ['', ...violations.map((violation) => `- ${violation}`)]),
    '',
    '| Lag, blocks | number | p50 | p99 | maximum |',
    '| --- | ---: | ---: | ---: | ---: |',
    row('commit to settlement, no fault', ...lags(settlement.calm)),
    row('commit to settlement, all', ...lags(settlement.all)),
    row('liquidatable to liquidated, counted blocks', ...lags(liquidation.counted)),
    row('liquidatable to liquidated, all blocks', ...lags(liquidation.all)),
    '',
    books
      ? `Orders: ${books.filled} filled, ${books.failed} failed, ${books.released} released, ${books.expired} expired with ${verdict.excused} batches that no price could settle; each exactly once. Positions liquidated: ${soaked.liquidations}. The ledger, the open interest and the tokens held agree.`
      : 'The books do not add up.',
    '',
    `Ways: ${Object.entries(soaked.ways)
      .map(([way, count]) => `${way} ${count}`)
      .join(', ')}.`,
    '',
    '| Fault | of keeper | blocks |',
    '| --- | --- | --- |',
    ...faults.map(({ kind, hard, victim, from, to }) =>
      row(`${kind}${hard ? ', the harder way' : ''}`, victim ?? '', `${from} to ${to}`),
    ),
    '',
    '| Keeper | killed | sent | reverted | fees | rewards | L2, ether | L1, ether | of both for reverts | behind, blocks |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...keepers.map((keeper) =>
      row(
        ...[keeper.name, keeper.kills, keeper.sent, keeper.reverted],
        ...[dollars(usd(keeper.fees)), dollars(usd(keeper.rewards)), ether(keeper.l2), ether(keeper.l1)],
        ...[ether(keeper.lostL2 + keeper.lostL1), keeper.behind],
      ),
    ),
    '',
    `Earned ${dollars(money.rewardsUsd)}, spent ${dollars(money.costUsd)}, of that on reverts ${dollars(money.revertsUsd)}: ${(money.share * 100).toFixed(2)} % of what was earned.`,
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
