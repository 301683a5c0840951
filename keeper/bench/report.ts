import { TICK_SECONDS } from './prices.ts';
import { LIMIT_MIB, LIMIT_MS, type Measured } from './verdict.ts';

const count = (value: number) => value.toLocaleString('en-US');

/** The figures, as people read them. */
export function table(m: Measured): string {
  const rows = [
    ['accounts, positions', `${count(m.accounts)}, ${count(m.positions)}`],
    ['markets, all moving at each tick', count(m.markets)],
    ['ticks', count(m.ticks)],
    [
      `tick to list, p50 / p99 / max, ms (p99 at most ${LIMIT_MS})`,
      `${m.tickMs.p50} / ${m.tickMs.p99} / ${m.tickMs.max}`,
    ],
    ['the same in time of the processor, ms', `${m.cpuMs.p50} / ${m.cpuMs.p99} / ${m.cpuMs.max}`],
    [
      'changed accounts taken over, p50 / p99 / max, ms',
      `${m.changesMs.p50} / ${m.changesMs.p99} / ${m.changesMs.max}`,
    ],
    ['changed accounts', count(m.changes)],
    [`most memory, MiB (at most ${LIMIT_MIB})`, count(m.rssMiB)],
    ['accounts listed, at one tick at most', `${count(m.due)}, ${count(m.mostDue)}`],
    ['verdicts that took exact arithmetic', count(m.uncertain)],
    ['verdicts compared with the exact model', count(m.checked)],
    ['lists that differ', count(m.differences)],
  ];
  if (m.naive && m.ratio !== null)
    rows.push(
      ['naive: every account by multicall, ms', count(Math.round(m.naive.ms))],
      ['naive: calls, accounts listed', `${count(m.naive.calls)}, ${count(m.naive.due)}`],
      ['naive: accounts in one list only', count(m.naive.differences)],
      ['naive: times as long as a tick of p50', count(m.ratio)],
    );
  return ['| | |', '|---|---:|', ...rows.map(([name, value]) => `| ${name} | ${value} |`)].join('\n');
}

/** The page of a run. @param series What each market follows. */
export function page(m: Measured, series: readonly string[]): string {
  return `# The keeper's list

How long it takes from new prices to the list of liquidatable accounts, its figures exact and the largest shortfall first.
Written by \`npm run bench -- keeper --write\`, which fails when a limit is broken or a list differs.

${table(m)}

Each market follows real minutes of a crash, ${TICK_SECONDS} seconds a tick: ${series.join(', ')}. Between two ticks accounts open, change and
close positions and add margin, who is listed is liquidated by the engine's calculation or saved, newcomers take the places
of those who are out, markets are pushed, one market's margins are on their way to others, and twenty accounts are set to
maintenance itself at the next tick or to 10^-30 USD beside it. At every tick all accounts are judged again by the planner's
plain calculation in integers, in processes of their own and outside of the time measured, and both lists are compared
figure by figure.

The naive way asks \`getHealth\` of each account at the last tick, in multicalls, on a local chain that has the released engine
and the same accounts in its storage, at the markets' indices; the index is asked at these for the comparison.
`;
}
