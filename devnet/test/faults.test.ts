import { MARKETS } from '@tidemark/deploy';
import {
  accountId,
  aggregatorAbi,
  ContractRefusedError,
  commit,
  derivativesEngineAbi,
  getUpdateFee,
  marketOrder,
  onChain,
  packOrder,
  settle,
  updateIndices,
} from '@tidemark/sdk';
import type { Hex } from 'viem';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ACCOUNTS } from '../src/accounts.ts';
import { connect } from '../src/chain.ts';
import { FAULTS, type FaultKind, type FaultName, type FaultSource } from '../src/faults/table.ts';
import { chainlinkFeeder, fedAggregators, uptimeFeeder } from '../src/feeder.ts';
import type { PriceSource } from '../src/prices/source.ts';
import { type FaultRefusal, REFUSALS } from './faultRefusals.ts';
import { type Stage, setStage } from './stage.ts';
import { WAVE_START } from './waveSource.ts';

// Each fault on a running chain: what the price service serves and the feeders write meets the contracts.

vi.setConfig({ testTimeout: 60_000 });

const ETH = 0n;
const UNIT = 10n ** 12n;
/** `PriceUse` and `PriceState` of the contracts. */
const USES = { close: 1, withdraw: 3 } as const;
const STATES = { Single: 2, Halted: 4, SequencerDown: 5 } as const;
const [trader] = ACCOUNTS.traders;
const account = accountId(trader.address);

/** Chain time from which the price is 6 % higher, seconds: beyond what the sources may differ by. */
let riseAt = Number.POSITIVE_INFINITY;
const source: PriceSource = {
  name: 'model',
  symbols: ['ETH'],
  start: WAVE_START,
  quoteAt: (_, time) => ({
    price: (time < riseAt ? 2_000n : 2_120n) * 10n ** 8n,
    confidence: 5n * 10n ** 7n,
    publishTime: time,
  }),
  close: async () => {},
};

let stage: Stage;
let client: ReturnType<typeof connect<typeof trader>>;
let feed: (now: number) => Promise<unknown>;

/** Makes blocks, and lets the feeders write after each. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await stage.mine();
    await feed(Number(stage.now));
  }
}

/** What the price service serves now. */
async function served(): Promise<{ update: [Hex]; value: bigint }> {
  const id = stage.deployment.markets[0]?.feedId;
  const response = await fetch(`${stage.prices}/v2/updates/price/latest?ids[]=${id}`);
  const { binary } = (await response.json()) as { binary: { data: string[] } };
  const update: [Hex] = [`0x${binary.data[0]}`];
  return { update, value: await getUpdateFee(stage.admin, { pyth: stage.deployment.pyth, update }) };
}

const engine = () => ({ address: stage.deployment.engine, abi: derivativesEngineAbi, account: trader });

/** What the contracts say of an immediate close, or of a withdrawal, at what is served now. */
async function tryTo(use: keyof typeof USES) {
  const { update, value } = await served();
  const calls = {
    close: () =>
      client.simulateContract({
        ...engine(),
        functionName: 'closeNow',
        args: [account, ETH, UNIT, 0n, update],
        value,
      }),
    withdraw: () =>
      client.simulateContract({
        ...engine(),
        functionName: 'withdraw',
        args: [account, 1n, trader.address, update],
        value,
      }),
  };
  return onChain(calls[use] as () => Promise<unknown>);
}

/** The contracts refuse it by this error and, where it names one, in this state. */
async function expectRefused(attempt: Promise<unknown>, use: keyof typeof USES, { error, state }: FaultRefusal) {
  const thrown = await attempt.then(
    () => expect.fail('it was permitted'),
    (reason) => reason,
  );
  expect(thrown).toBeInstanceOf(ContractRefusedError);
  expect(thrown).toMatchObject({ error, ...(state && { args: [ETH, USES[use], STATES[state]] }) });
}

const named = (befallen: FaultSource) =>
  (Object.keys(FAULTS) as FaultName[]).filter((name) => (FAULTS[name] as FaultKind)[befallen]);
/** What refuses a fault that is not accepted. */
const refusalOf = (name: FaultName, befallen: FaultSource) => REFUSALS[name][befallen] as FaultRefusal;

beforeAll(async () => {
  stage = await setStage(source);
  client = connect(stage.rpc, trader);
  const feeder = connect(stage.rpc, ACCOUNTS.feeder);
  const { state, faults } = stage;
  const chainlink = chainlinkFeeder(feeder, source, fedAggregators(state), faults);
  const uptime = uptimeFeeder(feeder, state.doubles.uptimeFeed, faults);
  feed = async (now) => {
    await chainlink(now);
    await uptime(now);
  };
  // A new chain trades at once: its sequencer is up since longer than the grace.
  const orders = [marketOrder({ account, sizeDelta: UNIT })];
  await commit(client, { engine: stage.deployment.engine, market: ETH, orders, gas: 500_000n });
  await stage.mine();
  await stage.mine();
  const settler = connect(stage.rpc, ACCOUNTS.keeper);
  const batches = [orders.map(packOrder)];
  await settle(settler, {
    engine: stage.deployment.engine,
    market: ETH,
    batches,
    ...(await served()),
    gas: 3_000_000n,
  });
  await stage.mine();
}, 120_000);

// From one state: the sources agree, nothing is wrong, and both uses are permitted.
beforeEach(async () => {
  stage.faults.clear();
  riseAt = Number.POSITIVE_INFINITY;
  await turns(8);
  await tryTo('close');
  await tryTo('withdraw');
});

afterAll(async () => {
  await stage.end();
});

describe('a fault of Pyth', () => {
  it.each(named('pyth').filter((name) => name !== 'out-of-order'))('%s is refused', async (name) => {
    stage.faults.set({ name });
    riseAt = Number(stage.now) + 2;
    await turns(8);
    await expectRefused(tryTo('close'), 'close', refusalOf(name, 'pyth'));
    stage.faults.clear();
    await tryTo('close');
  });

  it('out-of-order is refused after a newer one', async () => {
    stage.faults.set({ name: 'out-of-order' });
    while (Math.floor(Number(stage.now) / 2) % 2 !== 0) await turns(1);
    const indexAt = stage.now;
    const newer = await served();
    const market = { engine: stage.deployment.engine, markets: 1n };
    await updateIndices(client, { ...market, ...newer, gas: 2_000_000n });
    await turns(1);
    const older = await served();
    const thrown = await updateIndices(client, { ...market, ...older }).catch((reason) => reason);
    expect(thrown).toBeInstanceOf(ContractRefusedError);
    expect(thrown).toMatchObject({ error: REFUSALS['out-of-order'].pyth?.error, args: [indexAt - 2n, indexAt] });
  });
});

describe('a fault of Chainlink', () => {
  const latest = async () => {
    const address = stage.state.doubles.feeds.ETH?.aggregator as Hex;
    const call = { address, abi: aggregatorAbi, functionName: 'latestRoundData' } as const;
    const [round, answer, , updatedAt] = await stage.admin.readContract(call);
    return { round, answer, updatedAt };
  };

  const [refused, accepted] = [true, false].map((is) =>
    named('chainlink').filter((name) => (REFUSALS[name].chainlink !== undefined) === is),
  ) as [FaultName[], FaultName[]];

  it.each(refused)('%s is refused', async (name) => {
    stage.faults.set({ name, source: 'chainlink' });
    riseAt = Number(stage.now) + 2;
    await turns(8);
    // Past the heartbeat and its tenth.
    if (name === 'stale') await stage.mine(1_321n);
    await expectRefused(tryTo('withdraw'), 'withdraw', refusalOf(name, 'chainlink'));
    // Credible but for the bound: the bound is what refuses it.
    if (name === 'at-bound')
      expect((await latest()).answer).toBeGreaterThan((MARKETS.ETH?.floor as bigint) / 10n ** 10n);
  });

  it.each(accepted)('%s is written as it is, and accepted', async (name) => {
    const before = await latest();
    stage.faults.set({ name, source: 'chainlink' });
    riseAt = Number(stage.now) + 2;
    await turns(6);
    stage.faults.clear();
    await turns(2);
    const after = await latest();
    expect(after).toMatchObject({ round: before.round + 2n, answer: 2_120n * 10n ** 8n });
    const call = { address: stage.state.doubles.feeds.ETH?.aggregator as Hex, abi: aggregatorAbi } as const;
    const first = await stage.admin.readContract({ ...call, functionName: 'getRoundData', args: [after.round - 1n] });
    expect(first[3] - after.updatedAt).toBe(name === 'out-of-order' ? 60n : 0n);
    await tryTo('withdraw');
  });
});

describe('a fault of the sequencer', () => {
  it.each(named('sequencer'))('%s is refused until the grace is over', async (name) => {
    const refusal = refusalOf(name, 'sequencer');
    stage.faults.set({ name });
    await turns(2);
    const { since } = stage.faults.ofSequencer() as { since: number };
    const status = async () => {
      const call = {
        address: stage.state.doubles.uptimeFeed,
        abi: aggregatorAbi,
        functionName: 'latestRoundData',
      } as const;
      const [, answer, startedAt] = await stage.admin.readContract(call);
      return { down: answer !== 0n, startedAt };
    };
    expect(await status()).toEqual({ down: name === 'sequencer-down', startedAt: BigInt(since) });
    await expectRefused(tryTo('withdraw'), 'withdraw', refusal);
    // In the grace a position may be closed, but not while the sequencer is down.
    if (name === 'sequencer-down') await expectRefused(tryTo('close'), 'close', refusal);
    else await tryTo('close');

    stage.faults.clear();
    await turns(2);
    const { down, startedAt } = await status();
    expect(down).toBe(false);
    await expectRefused(tryTo('withdraw'), 'withdraw', refusal);
    await stage.mine(startedAt + 599n - stage.now);
    await expectRefused(tryTo('withdraw'), 'withdraw', refusal);
    await stage.mine(1n);
    await tryTo('withdraw');
  });
});
