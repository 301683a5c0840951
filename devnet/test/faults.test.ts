import { MARKETS } from '@tidemark/deploy';
import {
  aggregatorAbi,
  ContractRefusedError,
  getPool,
  liquidityVaultAbi,
  onChain,
  PauseBits,
  updateIndices,
} from '@tidemark/sdk';
import type { Hex } from 'viem';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ACCOUNTS } from '../src/accounts.ts';
import { connect } from '../src/chain.ts';
import { FAULTS, type FaultKind, type FaultName, type FaultSource } from '../src/faults/table.ts';
import type { PriceSource } from '../src/prices/source.ts';
import { expectRefused, type FaultRefusal, REFUSALS } from './faultRefusals.ts';
import { type FedStage, setFedStage } from './fedStage.ts';
import { WAVE_START } from './waveSource.ts';

// Each fault on a running chain: what the price service serves and the feeders write meets the contracts.

vi.setConfig({ testTimeout: 60_000 });

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

let stage: FedStage['stage'];
let client: FedStage['client'];
let turns: FedStage['turns'];
let served: FedStage['served'];
let attempt: FedStage['attempt'];

const named = (befallen: FaultSource) =>
  (Object.keys(FAULTS) as FaultName[]).filter((name) => (FAULTS[name] as FaultKind)[befallen]);
/** What refuses a fault that is not accepted. */
const refusalOf = (name: FaultName, befallen: FaultSource) => REFUSALS[name][befallen] as FaultRefusal;

beforeAll(async () => {
  ({ stage, client, turns, served, attempt } = await setFedStage(source));
}, 120_000);

// From one state: the sources agree, nothing is wrong, and both uses are permitted.
beforeEach(async () => {
  stage.faults.clear();
  riseAt = Number.POSITIVE_INFINITY;
  await turns(8);
  await attempt.close();
  await attempt.withdraw();
});

afterAll(async () => {
  await stage.end();
});

describe('a fault of Pyth', () => {
  it.each(named('pyth').filter((name) => name !== 'out-of-order'))('%s is refused', async (name) => {
    stage.faults.set({ name });
    riseAt = Number(stage.now) + 2;
    await turns(8);
    await expectRefused(attempt.close(), 'close', refusalOf(name, 'pyth'));
    stage.faults.clear();
    await attempt.close();
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
    // Shown to everybody it is looked at, and leaves the index.
    await updateIndices(client, { ...market, ...older, gas: 2_000_000n });
    const thrown = await attempt.close().catch((reason) => reason);
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
    await expectRefused(attempt.withdraw(), 'withdraw', refusalOf(name, 'chainlink'));
    // Credible but for the bound: the bound is what refuses it.
    if (name === 'at-bound') expect((await latest()).answer).toBeGreaterThan(MARKETS.ETH?.floor as bigint);
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
    await attempt.withdraw();
  });
});

describe('a fault of the sequencer', () => {
  it('unreadable is refused, and leaves no grace', async () => {
    stage.faults.set({ name: 'unreadable' });
    await turns(2);
    const call = { address: stage.state.uptimeProxy, abi: aggregatorAbi, functionName: 'latestRoundData' } as const;
    await expect(stage.admin.readContract(call)).rejects.toThrow('reverted');
    await expectRefused(attempt.withdraw(), 'withdraw', refusalOf('unreadable', 'sequencer'));
    // With Pyth's price a position may be closed.
    await attempt.close();
    stage.faults.clear();
    await turns(2);
    await attempt.withdraw();
  });

  const statuses = named('sequencer').filter((name) => name !== 'unreadable');
  it.each(statuses)('%s is refused until the grace is over', async (name) => {
    const refusal = refusalOf(name, 'sequencer');
    const grace = refusalOf('sequencer-up', 'sequencer');
    stage.faults.set({ name });
    await turns(2);
    const { since } = stage.faults.ofSequencer() as { since: number };
    const status = async () => {
      const call = {
        address: stage.state.uptimeProxy,
        abi: aggregatorAbi,
        functionName: 'latestRoundData',
      } as const;
      const [, answer, startedAt] = await stage.admin.readContract(call);
      return { down: answer !== 0n, startedAt };
    };
    expect(await status()).toEqual({ down: name === 'sequencer-down', startedAt: BigInt(since) });
    await expectRefused(attempt.withdraw(), 'withdraw', refusal);
    // In the grace a position may be closed, but not while the sequencer is down.
    if (name === 'sequencer-down') await expectRefused(attempt.close(), 'close', refusal);
    else await attempt.close();

    stage.faults.clear();
    await turns(2);
    const { down, startedAt } = await status();
    expect(down).toBe(false);
    await expectRefused(attempt.withdraw(), 'withdraw', grace);
    await stage.mine(startedAt + 599n - stage.now);
    await expectRefused(attempt.withdraw(), 'withdraw', grace);
    await stage.mine(1n);
    await attempt.withdraw();
  });
});

describe('a fault of USDC', () => {
  it.each(named('usdc'))('%s is noted with the indices, and ends with them', async (name) => {
    const { engine, vault } = stage.deployment;
    const provider = connect(stage.rpc, ACCOUNTS.liquidityProvider);
    const me = provider.account.address;
    const args = [1n, me, me] as const;
    const call = { address: vault, abi: liquidityVaultAbi, functionName: 'requestDeposit', args } as const;
    const provide = () => onChain(() => provider.simulateContract(call));
    const note = async () => {
      await updateIndices(client, { engine, markets: 0n, update: [] });
      await stage.mine();
      return (BigInt((await getPool(client, { engine })).pauseLevel) & PauseBits.OffPeg) !== 0n;
    };
    stage.faults.set({ name });
    await turns(3);
    expect(await note()).toBe(true);
    const { error } = refusalOf(name, 'usdc');
    await expect(provide()).rejects.toMatchObject({ error });
    await attempt.close();
    await attempt.withdraw();

    stage.faults.clear();
    await turns(3);
    expect(await note()).toBe(false);
    await expect(provide()).rejects.not.toMatchObject({ error });
  });
});
