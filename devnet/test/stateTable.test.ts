import { readFileSync } from 'node:fs';
import { expire, getOrderOutcomes, getQueue } from '@tidemark/sdk';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { PriceState } from '../../sdk/src/math/index.ts';
import type { FaultRequest } from '../src/faults/faults.ts';
import type { FaultSource } from '../src/faults/table.ts';
import { expectRefused, type FaultRefusal, REASONS } from './faultRefusals.ts';
import { ETH, UNIT } from './fedStage.ts';
import { ACTIONS, type Action, type Pool, type Row, setTableStage, type TableStage } from './tableStage.ts';

// The table of docs/mechanism.md#oracle-states on a running chain, by faults: each of its cells by what is done or refused,
// and every way from one of its rows to another. contracts/test/oracle/StateTable.t.sol has the same table.

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

/** What a cell's letter says becomes of the action. */
const OUTCOMES = {
  y: 'is done',
  h: 'is done up to half the caps',
  p: 'fails as under a pause',
  f: 'is done only when flagged 60 s before',
  n: 'is neither done nor flagged',
  // An order waits, the index stays.
  '-': 'is refused',
} as const;
type Letter = keyof typeof OUTCOMES;

const silent = { name: 'stale', source: 'pyth' } as const;
const unanswered = { name: 'zero', source: 'chainlink' } as const;
const negative = { name: 'negative', source: 'chainlink' } as const;
const times = (source: FaultSource, factor: number) => ({ name: 'diverging', source, factor }) as const;

const row = (state: Row['state'], reason: Row['reason'], cells: string, ...faults: FaultRequest[]): Row => ({
  state,
  reason,
  cells,
  faults,
});
/** What of it needs more than faults, the stage does. */
const ROWS: readonly Row[] = [
  // open, reduce, close, weak, sunk, withdraw, epoch, deleverage, crystallise, index.
  row('Normal', 'None', 'yyyyyyyyyy'),
  row('Strained', 'Deviation', 'hyyyyyyy-y', times('chainlink', 0.985)),
  row('Guarded', 'Confidence', 'pyyyyyyy-y', { name: 'wide-confidence', factor: 0.006 }),
  row('Guarded', 'Breaker', 'pyyyyyyy-y'),
  row('Single', 'AnchorSilent', '--yfy-----', negative),
  row('Single', 'UptimeUnreadable', '--yfy-----', { name: 'unreadable' }),
  row('Single', 'QuoteSilent', 'py-fy-----', silent),
  row('Fallback', 'NoSource', '--y-------', silent, unanswered),
  row('Halted', 'Deviation', '----------', times('chainlink', 0.9)),
  row('Halted', 'Bounds', '----------', { name: 'at-bound' }),
  row('Halted', 'Guardian', '----------'),
  row('Halted', 'FarFromMean', '----------', unanswered, times('pyth', 0.85)),
  row('Halted', 'NoSource', '----------', silent, unanswered),
  row('SequencerDown', 'Down', '---ny-----', { name: 'sequencer-down' }),
  row('SequencerDown', 'Grace', '--yny-----', { name: 'sequencer-up' }),
];

const rowOf = (reason: Row['reason']) => ROWS.find((row) => row.reason === reason) as Row;
const NORMAL = rowOf('None');
const HALTED = ROWS.find(({ state }) => state === 'Halted') as Row;
const SILENT = rowOf('QuoteSilent');
const GUARDED = rowOf('Breaker');
/**
 * Ways that do not exist: without any source, and until the sequencer's grace is over, so long passes without an observation
 * that no mean is ready for the two rows that need it.
 */
const WITHOUT_MEAN = ['Halted by NoSource', 'SequencerDown by Down', 'SequencerDown by Grace'].flatMap((from) =>
  ['Fallback by NoSource', 'Halted by FarFromMean'].map((to) => `${from} to ${to}`),
);
/** What half of the skew's cap leaves beside the skew there is: 1 % of S, base units. */
const HALF_ROOM = 989n * UNIT;

/** What each beginning is for. */
const BEGINNINGS: readonly { pool: Pool; actions: readonly Action[] }[] = [
  {
    pool: 'able to pay',
    actions: (Object.keys(ACTIONS) as Action[]).filter((action) => !['deleverage', 'crystallise'].includes(action)),
  },
  { pool: 'in debt', actions: ['deleverage', 'crystallise'] },
];

const nameOf = ({ state, reason }: Row) => `${state} by ${reason}`;
const letterOf = ({ cells }: Row, action: Action) => cells[Object.keys(ACTIONS).indexOf(action)] as Letter;
const told = ({ state, reason }: Row) => ({ market: ETH, state: PriceState[state], reason: REASONS[reason] });

let table: TableStage;

beforeAll(async () => {
  table = await setTableStage();
});
afterAll(() => table.stage.end());

/** What became of an order: it is filled, it failed, or it waits and expires with its window. */
async function expectOrder(letter: Letter, sizeDelta: bigint, logs: Awaited<ReturnType<TableStage['attempt']>>) {
  const { stage, keeper, included } = table;
  const { engine } = stage.deployment;
  const waiting = async () => {
    const { head, tail } = await getQueue(stage.admin, { engine, market: ETH });
    return tail - head;
  };
  if (letter === '-') {
    expect(await waiting()).toBe(1);
    await stage.mine(61n);
    await included(expire(keeper, { engine, market: ETH, count: 1n, gas: 500_000n }));
  } else {
    const [outcome] = getOrderOutcomes({ engine, logs });
    expect(outcome).toMatchObject(
      letter === 'p'
        ? { status: 'failed', reason: 'OpeningPaused' }
        : { status: 'filled', sizeDelta: letter === 'h' ? HALF_ROOM : sizeDelta },
    );
  }
  expect(await waiting()).toBe(0);
}

async function expectCell(action: Action, row: Row) {
  const letter = letterOf(row, action);
  const before = await table.effectOf(action);
  const attempt = table.attempt(action, row);
  let logs: Awaited<typeof attempt> = [];
  if (letter === 'f' || letter === 'n') {
    await expectRefused(attempt, 'liquidate', { error: 'NotLiquidatable' });
  } else if (letter === '-' && action !== 'set the index') {
    const refusal: FaultRefusal = { error: 'PriceUseRefused', state: row.state, reason: row.reason };
    await expectRefused(attempt, ACTIONS[action], refusal);
  } else {
    logs = await attempt;
  }
  if (action === 'open') await expectOrder(letter, table.opened, logs);
  if (action === 'reduce') await expectOrder(letter, -UNIT / 2n, logs);
  if (letter === 'n') await expectRefused(table.flag(row), 'liquidate', { error: 'NothingToFlag' });
  if (letter === 'f') {
    await table.flag(row);
    await table.stage.mine(60n);
    await table.attempt(action, row);
  }
  const after = await table.effectOf(action);
  expect(after !== before).toBe(letter === 'y' || letter === 'h' || letter === 'f');
  if (action === 'set the index' && letter === 'y') expect(after).toBe(table.price());
}

it('is the table that the contracts are held to', () => {
  const path = new URL('../../contracts/test/oracle/StateTable.t.sol', import.meta.url);
  const rows = readFileSync(path, 'utf8').matchAll(/Row\(PriceState\.(\w+), PriceReason\.(\w+),.*"(.+)"\)/g);
  expect([...rows].map((found) => found.slice(1))).toEqual(
    ROWS.map(({ state, reason, cells }) => [state, reason, cells]),
  );
});

describe.each(ROWS.map((row) => ({ name: nameOf(row), row })))('$name', ({ row }) => {
  describe.each(BEGINNINGS)('with a pool $pool', ({ pool, actions }) => {
    let entered: () => Promise<void>;
    beforeAll(async () => {
      await table.begin(pool);
      await table.enter(row);
      entered = await table.keep();
    });
    beforeEach(() => entered());

    const cells = actions.map((action) => ({ action, outcome: OUTCOMES[letterOf(row, action)] }));
    it.each(cells)('$action $outcome', ({ action }) => expectCell(action, row));
  });
});

describe('from one row to another', () => {
  const walked: string[] = [];
  const missing: string[] = [];

  it.each(ROWS.map((from) => ({ name: nameOf(from), from })))('every way from $name is told', async ({ from }) => {
    await table.begin();
    await table.enter(from);
    expect(await table.observe(from)).toEqual(from === NORMAL ? [] : [told(from)]);
    expect(await table.observe(from)).toEqual([]);
    const observed = await table.keep();
    for (const to of ROWS.filter((row) => row !== from)) {
      await observed();
      await table.enter(to);
      const way = `${nameOf(from)} to ${nameOf(to)}`;
      const judgedByMean = to.state === 'Fallback' || to.reason === 'FarFromMean';
      if (judgedByMean && (await table.explain()).mean === 0n) {
        missing.push(way);
        continue;
      }
      expect(await table.observe(to), way).toEqual([told(to)]);
      const { standing } = await table.explain();
      const { state, reason } = told(to);
      expect(standing, way).toMatchObject({ state, reason, since: Number(table.stage.now) });
      walked.push(way);
    }
  });

  it('but for those that need a mean where none can be', () => {
    expect(missing).toEqual(WITHOUT_MEAN);
    expect(walked).toHaveLength(ROWS.length * (ROWS.length - 1) - WITHOUT_MEAN.length);
  });
});

it('the breaker ends 300 s after the price that tripped it', async () => {
  await table.begin();
  await table.enter(GUARDED);
  expect(await table.observe(GUARDED)).toEqual([told(GUARDED)]);
  const { standing } = await table.explain();
  expect(standing.breakerUntil - standing.breakerFrom).toBe(300);
  await table.mineUntil(BigInt(standing.breakerUntil) - 1n);
  expect(await table.observe(NORMAL)).toEqual([]);
  expect(await table.observe(NORMAL)).toEqual([told(NORMAL)]);
});

// Not Normal and Strained, which the breaker hides; nor what takes longer than it lasts: a silence, or the sequencer's grace.
it.each(
  ['Confidence', 'AnchorSilent', 'UptimeUnreadable', 'Deviation', 'Bounds', 'Guardian', 'FarFromMean'].map(
    (reason) => ({
      between: ROWS.findLast((row) => row.reason === reason) as Row,
    }),
  ),
)('the breaker holds on behind $between.state by $between.reason', async ({ between }) => {
  await table.begin();
  await table.enter(GUARDED);
  await table.observe(GUARDED);
  await table.enter(between);
  expect(await table.observe(between)).toEqual([told(between)]);
  await table.enter(GUARDED);
  expect(await table.observe(GUARDED)).toEqual([told(GUARDED)]);
});

it("Pyth's silence begins 300 s after its last price, and ends with the next", async () => {
  await table.begin();
  await table.stage.mine(30n);
  await table.observe(NORMAL);
  await table.stage.mine(300n);
  await expectRefused(table.attempt('withdraw', SILENT), 'withdraw', { error: 'PriceTooOld' });
  await table.stage.mine(1n);
  const { state, reason } = SILENT;
  await expectRefused(table.attempt('withdraw', SILENT), 'withdraw', { error: 'PriceUseRefused', state, reason });
  expect(await table.observe(SILENT)).toEqual([told(SILENT)]);
  expect(await table.observe(NORMAL)).toEqual([told(NORMAL)]);
});

it('a confirmed halt outlasts its cause, until three observations', async () => {
  await table.begin();
  await table.enter(HALTED);
  expect(await table.observe(HALTED)).toEqual([told(HALTED)]);
  await table.stage.mine(20n);
  expect(await table.observe(HALTED)).toEqual([]);
  await table.enter(NORMAL);
  for (let i = 0; i < 3; i++) {
    await table.stage.mine(30n);
    const { state, reason } = HALTED;
    await expectRefused(table.attempt('close at once', NORMAL), 'close', { error: 'PriceUseRefused', state, reason });
    expect(await table.observe(NORMAL)).toEqual([]);
  }
  await table.attempt('close at once', NORMAL);
  expect(await table.observe(NORMAL)).toEqual([told(NORMAL)]);
});
