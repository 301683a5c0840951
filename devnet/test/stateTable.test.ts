import { expire, getMarket, getOrderOutcomes, getQueue, priceOracleAbi, settle, updateIndices } from '@tidemark/sdk';
import { type Hash, parseEventLogs } from 'viem';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { PriceState } from '../../sdk/src/math/index.ts';
import type { FaultRequest } from '../src/faults/faults.ts';
import type { FaultSource } from '../src/faults/table.ts';
import type { PriceSource } from '../src/prices/source.ts';
import { expectRefused, type FaultRefusal, REASONS, REFUSALS } from './faultRefusals.ts';
import { type Brought, ETH, type FedStage, setFedStage, UNIT } from './fedStage.ts';
import { WAVE_START } from './waveSource.ts';

// The table of docs/mechanism.md#oracle-states on a running chain, as far as faults bring it about.

vi.setConfig({ testTimeout: 120_000 });

/** What becomes of an action: an order fails as under a pause; what is refused is so by use, state and reason. */
type Cell = 'done' | 'fails' | 'refused';

interface Row {
  readonly state: keyof typeof PriceState;
  readonly reason: keyof typeof REASONS;
  readonly fault?: FaultRequest;
  /** Seconds until the fault is felt. */
  readonly after?: bigint;
  /** Nothing is brought: Pyth is silent. */
  readonly silent?: true;
  readonly open: Cell;
  readonly reduce: Cell;
  readonly close: Cell;
  readonly withdraw: Cell;
  readonly index: Cell;
}

const leaving = { open: 'refused', reduce: 'refused', close: 'done', withdraw: 'refused', index: 'refused' } as const;
const nothing = { ...leaving, close: 'refused' } as const;
const everything = { open: 'done', reduce: 'done', close: 'done', withdraw: 'done', index: 'done' } as const;

/** A fault with the state and the reason in which it is refused. */
function of(fault: FaultRequest & { source: FaultSource }) {
  const { state, reason } = REFUSALS[fault.name][fault.source] as Required<FaultRefusal>;
  return { fault, state, reason };
}

const ROWS: readonly Row[] = [
  { state: 'Normal', reason: 'None', ...everything },
  { state: 'Strained', reason: 'Deviation', fault: { name: 'diverging', factor: 1.02 }, ...everything },
  {
    state: 'Guarded',
    reason: 'Confidence',
    fault: { name: 'wide-confidence', factor: 0.015 },
    ...everything,
    open: 'fails',
  },
  // Past the heartbeat and its tenth.
  { ...of({ name: 'stale', source: 'chainlink' }), after: 1_321n, ...leaving },
  {
    state: 'Single',
    reason: 'QuoteSilent',
    fault: { name: 'stale', source: 'pyth' },
    after: 301n,
    silent: true,
    ...nothing,
    open: 'fails',
    reduce: 'done',
  },
  { ...of({ name: 'diverging', source: 'pyth' }), ...nothing },
  { ...of({ name: 'at-bound', source: 'chainlink' }), ...nothing },
  { ...of({ name: 'sequencer-down', source: 'sequencer' }), ...nothing },
  { ...of({ name: 'sequencer-up', source: 'sequencer' }), ...leaving },
];

const NORMAL = ROWS[0] as Row;
const HALTED = ROWS.find(({ state }) => state === 'Halted') as Row;

/** Chain times from each of which the price is 0.2 % higher, seconds: enough for Chainlink to answer anew. */
const steps: number[] = [];
const source: PriceSource = {
  name: 'model',
  symbols: ['ETH'],
  start: WAVE_START,
  quoteAt: (_, time) => ({
    price: (2_000n + 4n * BigInt(steps.filter((step) => step <= time).length)) * 10n ** 8n,
    confidence: 5n * 10n ** 7n,
    publishTime: time,
  }),
  close: async () => {},
};
const NOTHING: Brought = { update: [], value: 0n };

let fed: FedStage;
const at = () => ({ engine: fed.stage.deployment.engine });
const market = () => getMarket(fed.stage.admin, { ...at(), market: ETH });

/** Includes a transaction. @returns Its logs. */
async function included(sending: Promise<Hash>) {
  const hash = await sending;
  await fed.stage.mine();
  const { logs, status } = await fed.stage.admin.getTransactionReceipt({ hash });
  expect(status).toBe('success');
  return logs;
}

/** What is brought along in a row. */
const broughtIn = ({ silent }: Pick<Row, 'silent'>) => (silent ? NOTHING : fed.served());

/** Brings the sources from one row into another. */
async function enter({ fault, after }: Row, before: Row) {
  const { stage, turns } = fed;
  stage.faults.clear();
  await turns(2);
  // The grace of a sequencer that was down.
  if (before.state === 'SequencerDown') await stage.mine(600n);
  if (fault) stage.faults.set(fault);
  // Chainlink observes it, and its round is in a block.
  await stage.mine(12n);
  await turns(3);
  if (after) await stage.mine(after);
}

/** Sets the index. @returns What is told of the market's state. */
async function observed(row: Row) {
  const parameters = { ...at(), markets: 1n, ...(await broughtIn(row)), gas: 2_000_000n };
  const logs = await included(updateIndices(fed.client, parameters));
  return parseEventLogs({ abi: priceOracleAbi, eventName: 'StateObserved', logs }).map(({ args }) => args);
}

const told = ({ state, reason }: Pick<Row, 'state' | 'reason'>) => ({
  market: ETH,
  state: PriceState[state],
  reason: REASONS[reason],
});

/** Commits an order and settles it; one that is refused waits, and expires with its window. */
async function expectOrder(sizeDelta: bigint, cell: Cell, { silent, state, reason }: Row) {
  const call = { ...(await fed.order(sizeDelta)), ...(silent && NOTHING) };
  if (silent) {
    steps.push(Number(fed.stage.now));
    await fed.stage.mine(12n);
    await fed.turns(3);
  }
  if (cell !== 'refused') {
    const [outcome] = getOrderOutcomes({ ...at(), logs: await included(settle(fed.keeper, call)) });
    const failed = { status: 'failed', reason: 'OpeningPaused' };
    expect(outcome).toMatchObject(cell === 'done' ? { status: 'filled', sizeDelta } : failed);
    return;
  }
  await expectRefused(fed.attempt.settle(call), 'settle', { error: 'PriceUseRefused', state, reason });
  const { head, tail } = await getQueue(fed.stage.admin, { ...at(), market: ETH });
  expect(tail - head).toBe(1);
  await fed.stage.mine(61n);
  await included(expire(fed.keeper, { ...at(), market: ETH, count: 1n, gas: 500_000n }));
}

beforeAll(async () => {
  fed = await setFedStage(source);
  await enter(NORMAL, NORMAL);
  expect(await observed(NORMAL)).toEqual([told(NORMAL)]);
}, 120_000);

afterAll(async () => {
  await fed.stage.end();
});

describe.each(ROWS)('$state by $reason', (row) => {
  const { fault, open, reduce, close, withdraw, index } = row;
  const refusal: FaultRefusal = { error: 'PriceUseRefused', state: row.state, reason: row.reason };

  beforeAll(() => enter(row, NORMAL));

  it('is observed, with its reason and since when', async () => {
    const { deployment, admin } = fed.stage;
    const oracle = { address: deployment.oracle, abi: priceOracleAbi };
    const { update, value } = await broughtIn(row);
    const args = [1n, update, fed.client.account.address] as const;
    const { result } = await fed.client.simulateContract({ ...oracle, functionName: 'observe', args, value });
    expect(result).toMatchObject([{ state: PriceState[row.state] }]);

    const before = await market();
    expect(await observed(row)).toEqual(fault ? [told(row)] : []);
    const { indexAt } = await market();
    expect(indexAt > before.indexAt).toBe(index === 'done');
    const { standing } = await admin.readContract({ ...oracle, functionName: 'explain', args: [ETH] });
    const { state, reason } = told(row);
    expect(standing).toMatchObject({ state, reason });
    if (fault) expect(standing.since).toBe(Number(fed.stage.now));
  });

  it(`closing at once is ${close}`, async () => {
    const attempt = fed.attempt.close(await broughtIn(row));
    await (close === 'done' ? attempt : expectRefused(attempt, 'close', refusal));
  });

  it(`a withdrawal is ${withdraw}`, async () => {
    const attempt = fed.attempt.withdraw(await broughtIn(row));
    await (withdraw === 'done' ? attempt : expectRefused(attempt, 'withdraw', refusal));
  });

  it(`an opening order: ${open}`, () => expectOrder(UNIT, open, row));

  it(`a reducing order: ${reduce}`, () => expectOrder(-UNIT / 2n, reduce, row));

  it('ends with its cause, and the grace after the sequencer', async () => {
    await enter(NORMAL, row);
    expect(await observed(NORMAL)).toEqual(fault ? [told(NORMAL)] : []);
  });
});

describe('from one row to another', () => {
  it('every way is told', async () => {
    let before = NORMAL;
    // From each to every later one and back.
    const way = ROWS.flatMap((from, i) => [from, ...ROWS.slice(i + 1).flatMap((to) => [to, from])]);
    for (const row of [...way.slice(1), NORMAL]) {
      await enter(row, before);
      expect(await observed(row), `from ${before.reason} to ${row.reason}`).toEqual([told(row)]);
      before = row;
    }
  }, 300_000);

  it('a confirmed halt outlasts its cause, until three observations', async () => {
    await enter(HALTED, NORMAL);
    expect(await observed(HALTED)).toEqual([told(HALTED)]);
    await fed.stage.mine(20n);
    expect(await observed(HALTED)).toEqual([]);
    await enter(NORMAL, HALTED);
    for (let i = 0; i < 3; i++) {
      await fed.stage.mine(30n);
      await expectRefused(fed.attempt.close(), 'close', { error: 'PriceUseRefused', ...HALTED });
      expect(await observed(NORMAL)).toEqual([]);
    }
    await fed.attempt.close();
    expect(await observed(NORMAL)).toEqual([told(NORMAL)]);
  });
});
