// No free option: traders who know more than the exchange, on real minutes of a crash and of a calm week.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { CHAINLINK_LATENCY } from '../../../devnet/src/feeds/chainlinkFeed.ts';
import { replaySource } from '../../../devnet/src/prices/replay.ts';
import { FEED } from './desk.ts';
import { Path } from './path.ts';
import { ALONE, CHOSEN, MISSED_ONE_OF, type Played, play, STRATEGIES, type Strategy } from './strategies.ts';

const DAY = 86_400;
const PERIODS = [
  { name: '19 May 2021', from: Date.UTC(2021, 4, 19) / 1000, days: 1 },
  { name: 'a calm week, from 17 April 2023 on', from: Date.UTC(2023, 3, 17) / 1000, days: 7 },
];
/** USD of each order. */
const NOTIONAL = 50_000;
const SEED = 1;

const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const root = fileURLToPath(new URL('../../..', import.meta.url));
const folder = `${positionals[0] ?? process.env.TIDEMARK_DATA ?? `${root}../shared/data`}/prices`;
if (!existsSync(folder)) {
  console.error(`There is no folder ${folder}: name the one with the market data, or set TIDEMARK_DATA.`);
  process.exit(2);
}

const say = (line: string) => values.json || console.log(line);

/** Plays strategies one after the other, each told when it is done. */
const played = (strategies: readonly Strategy[], path: Path): Played[] =>
  strategies.map((strategy) => {
    const one = play(strategy, path, NOTIONAL);
    say(`${one.name.padEnd(64)}${String(one.trades).padStart(8)}${one.profit.toFixed(2).padStart(16)}`);
    return one;
  });

const periods = PERIODS.map(({ name, from, days }) => {
  const to = from + days * DAY;
  const source = replaySource(folder, from, to, ['ETH']);
  const path = Path.between(source, 'ETH', from, to, { ...FEED, latency: CHAINLINK_LATENCY }, SEED);
  const rounds = path.rounds.length;
  say(`\n${name}, ${rounds} Chainlink rounds, ${NOTIONAL} USD an order; trades and profit in USD`);
  const strategies = played(STRATEGIES, path);
  say(`keepers miss one order of ${MISSED_ONE_OF}:`);
  const chosen = played(CHOSEN, path);
  say('no promise: no keeper but the trader lives, from the first order to the last:');
  return { name, rounds, strategies, chosen, alone: played(ALONE, path) };
});
const winners = periods.flatMap(({ name, strategies, chosen }) =>
  [...strategies, ...chosen]
    .filter(({ profit }) => profit > 0)
    .map((one) => `${name}: ${one.name} wins ${one.profit.toFixed(2)} USD`),
);
if (values.json) console.log(JSON.stringify({ notional: NOTIONAL, seed: SEED, periods, winners }));
for (const line of winners) console.error(line);
process.exit(winners.length === 0 ? 0 : 1);
