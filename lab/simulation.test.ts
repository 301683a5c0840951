import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { encodeMetadata, type SimulationReport } from '../sdk/src/governance/index.ts';
import { type Proposed, readParameters } from './parameters.ts';
import { PERIODS, type Period } from './periods.ts';
import { commandOf, simulate, simulationReport } from './simulation.ts';
import { feedsAt, START } from './synthetic.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'tidemark-lab-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const period = PERIODS.find(({ name }) => name === '2021-05-19') as Period;

const marketsOf = (parameters: object) => readParameters(JSON.stringify(parameters), PERIODS);
const encoded = (simulation: SimulationReport) =>
  encodeMetadata({ version: 1, title: 'Raise ETH’s margin', summary: 'To 7 %.', body: 'Why.', links: [], simulation });
/** ETH falls from $2,000 by 5 % at once, which takes $490 of the $1,000 at 9.8 times and $450 at 9 times. */
function fallOf(proposed: Proposed) {
  const feeds = feedsAt(3000, (second) => (second < 1500 ? 2000 : 1900));
  const stretch = { symbol: proposed.symbol, feeds, from: START, interval: 60, scale: 1 };
  return simulate(period, { ...stretch, percentile: 0.03, peak: 0.05, peakAt: START }, proposed);
}

test('tells what changes and who is liquidated by either parameters', () => {
  const markets = marketsOf({ ETH: { maintenanceMarginBps: 700, penaltyBps: 60 } });
  const simulated = markets.map(fallOf);
  const [{ present, replayed }] = simulated as [ReturnType<typeof fallOf>];
  expect([present.liquidations, replayed.liquidations]).toEqual([1, 2]);
  expect(replayed.states).toEqual(present.states);
  const { figures } = simulationReport(markets, simulated, 'again');
  expect(figures.slice(0, 4)).toEqual([
    { label: 'ETH: maintenanceMarginBps', value: '600 → 700' },
    { label: 'ETH: penaltyBps', value: '50 → 60' },
    { label: '19 May 2021, ETH: accounts that the initial margin refuses', value: '0 → 0 of 28' },
    { label: '19 May 2021, ETH: accounts liquidated', value: '1 → 2 of 28' },
  ]);
  // Of what is closed, 0.5 % and 0.6 %.
  expect(present.penalty / 10n ** 14n).toBe((present.notional * 50n) / 10n ** 18n);
  expect(replayed.penalty / 10n ** 14n).toBe((replayed.notional * 60n) / 10n ** 18n);
});

test('tells of accounts that could not have been opened', () => {
  const markets = marketsOf({ ETH: { initialMarginBps: 1100 } });
  const { figures } = simulationReport(markets, markets.map(fallOf), 'again');
  // 9.8 times, on both sides, at both entries.
  expect(figures).toContainEqual({
    label: '19 May 2021, ETH: accounts that the initial margin refuses',
    value: '0 → 4 of 28',
  });
});

test('a report of everything fits into metadata', () => {
  const all = { maintenanceMarginBps: 700, initialMarginBps: 1200, penaltyBps: 60 };
  const markets = marketsOf({ ETH: all, BTC: all, SOL: all, LINK: all });
  const [one] = markets.slice(0, 1).map(fallOf) as [ReturnType<typeof fallOf>];
  const simulated = PERIODS.flatMap((each) =>
    each.symbols.map((symbol) => ({ ...one, period: each, stretch: { ...one.stretch, symbol } })),
  );
  const report = simulationReport(markets, simulated, commandOf(markets, 999_999_999, '2021-05-19'));
  expect(report.figures).toHaveLength(4 * 3 + 10 * 5);
  expect(() => encoded(report)).not.toThrow();
});

test('the command writes a report that its own command makes again', () => {
  // Hours of bars, the price a tenth lower in the last.
  const from = period.from - 1800;
  const bars = Array.from({ length: 150 }, (_, i) => {
    const price = i < 90 ? 2000 : 1800;
    return [from + 60 * i, price, price * 1.01, price * 0.99, price, 1].join();
  });
  mkdirSync(join(folder, 'prices'));
  writeFileSync(
    join(folder, 'prices', 'ETHUSDT_1m_2021-05-18_2021-05-19.csv'),
    `unix_ts,open,high,low,close,volume\n${bars.join('\n')}\n`,
  );
  const [parameters, file] = [join(folder, 'parameters.json'), join(folder, 'report.json')];
  writeFileSync(parameters, '{\n  "ETH": { "maintenanceMarginBps": 700, "penaltyBps": 60 }\n}\n');
  const replayBy = (command: string) => spawnSync('sh', ['-c', command], { cwd: root, encoding: 'utf8' });
  const written = replayBy(
    `node_modules/.bin/tsx lab/main.ts --parameters ${parameters} --period ${period.name} --report ${file} ${folder}`,
  );
  expect([written.status, written.stdout]).toEqual([0, expect.stringContaining('ETH: penaltyBps: 50 → 60')]);
  const report = JSON.parse(readFileSync(file, 'utf8')) as SimulationReport;
  expect(() => encoded(report)).not.toThrow();
  const again = replayBy(
    `${report.command.replace('npm run replay --', 'node_modules/.bin/tsx lab/main.ts')} --json ${folder}`,
  );
  expect(JSON.parse(again.stdout)).toEqual(report);
}, 60_000);

test('parameters that cannot be replayed end the command in a line, with 2', () => {
  const command = `echo '{"ETH": {"takerFeePpm": 400}}' | node_modules/.bin/tsx lab/main.ts --parameters /dev/stdin ${folder}`;
  const { status, stderr } = spawnSync('sh', ['-c', command], { cwd: root, encoding: 'utf8' });
  expect(status).toBe(2);
  expect(stderr.trimEnd().split('\n')).toEqual([expect.stringContaining('takerFeePpm')]);
}, 60_000);
