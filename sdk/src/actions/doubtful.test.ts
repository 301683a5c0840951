import { type Address, createClient, custom, decodeFunctionData, encodeFunctionResult, type Hex } from 'viem';
import { describe, expect, it } from 'vitest';
import { derivativesEngineAbi, priceOracleAbi, pythAbi, riskManagerAbi } from '../abi/index.ts';
import { accountId } from '../accounts.ts';
import { type Price, PriceState } from '../math/engineTypes.ts';
import type { AnyClient } from './engine.ts';
import { flag } from './flag.ts';
import { getWithdrawalMarkets } from './getWithdrawalMarkets.ts';
import { moveMargin } from './moveMargin.ts';
import { previewFlag } from './previewFlag.ts';
import { withdraw } from './withdraw.ts';

const address = (byte: string): Address => `0x${byte.repeat(20)}`;
const [engine, oracle, pyth, riskManager, owner] = ['aa', 'bb', 'cc', 'dd', 'ee'].map(address) as [
  Address,
  Address,
  Address,
  Address,
  Address,
];
const account = accountId(owner);
const other = accountId(owner, 1n);
const HASH: Hex = `0x${'ab'.repeat(32)}`;
const NOW = 1_700_000_000n;
const abi = [...derivativesEngineAbi, ...priceOracleAbi, ...pythAbi, ...riskManagerAbi];

interface Sent {
  data: Hex;
  value?: Hex;
}

/** A chain that answers each view and notes what is sent. */
function chain(views: Record<string, (...args: never[]) => unknown>) {
  const sent: Sent[] = [];
  const request = async ({ method, params }: { method: string; params?: unknown }) => {
    if (method === 'eth_chainId') return '0xa';
    if (method === 'eth_getBlockByNumber')
      return { number: '0x1', timestamp: `0x${NOW.toString(16)}`, transactions: [] };
    const [call] = params as [Sent];
    if (method === 'eth_sendTransaction') {
      sent.push(call);
      return HASH;
    }
    const { functionName, args = [] } = decodeFunctionData({ abi, data: call.data });
    const view = views[functionName];
    if (!view) throw new Error(`${functionName} was not expected.`);
    return encodeFunctionResult({ abi, functionName, result: view(...(args as unknown as never[])) } as never);
  };
  return { sent, client: createClient({ transport: custom({ request }) }) as AnyClient };
}

const feedOf = (market: bigint): Hex => `0x${market.toString(16).padStart(64, '0')}`;

/** An account with positions in some markets, held by others, of which some have ended. */
function doubting(markets: bigint, held: bigint, ended: bigint) {
  const asked: (readonly Hex[])[] = [];
  const prices = {
    latest: async (ids: readonly Hex[]) => {
      asked.push(ids);
      return { update: ['0x1234' as Hex], prices: [] };
    },
  };
  const stored = { margin: 0n, committedAt: 0, moments: 0, orders: 0, volume: 0 };
  const views = {
    getAccount: () => ({ ...stored, markets }),
    getDoubt: () => ({ held, flaggedAt: 0 }),
    getMarketConfig: (market: bigint) => ({ ...CONFIG, flags: (ended >> market) & 1n ? 17 : 1 }),
    oracle: () => oracle,
    pyth: () => pyth,
    getFeed: (market: bigint) => ({ ...FEED, pythId: feedOf(market) }),
    getUpdateFee: () => 7n,
  };
  return { ...chain(views), asked, prices };
}

const CONFIG = {
  skewScale: 0n,
  initialMarginBps: 0,
  maintenanceMarginBps: 0,
  marginSlopeBps: 0,
  skewCapBps: 0,
  openInterestCapBps: 0,
  profitWeightBps: 0,
  makerFeePpm: 0,
  takerFeePpm: 0,
  penaltyBps: 0,
  accountCapPercent: 0,
  fundingCoefficientBps: 0,
  fundingCapPpm: 0,
  allocationPercent: 0,
};
const FEED = {
  chainlink: owner,
  heartbeat: 0,
  thresholdPpm: 0,
  haltPpm: 0,
  strainConfidencePpm: 0,
  decimals: 8,
  floor: 0n,
  ceiling: 0n,
};

describe('margin that leaves', () => {
  it.each([
    ['nothing', 0b000n, 0b000n, 0b000n, []],
    ['positions', 0b101n, 0b000n, 0b000n, [0, 2]],
    ['what holds it', 0b000n, 0b110n, 0b000n, [1, 2]],
    ['both', 0b001n, 0b011n, 0b000n, [0, 1]],
    ['what holds it and has not ended', 0b001n, 0b110n, 0b010n, [0, 2]],
    ['a position in what has ended, which is to be settled first', 0b010n, 0b010n, 0b010n, [1]],
  ])('asks for the prices of %s', async (_, markets, held, ended, expected) => {
    expect(await getWithdrawalMarkets(doubting(markets, held, ended).client, { engine, account })).toEqual(expected);
  });

  it('is brought the prices of exactly those, and their fee', async () => {
    const { client, sent, asked, prices } = doubting(0b001n, 0b110n, 0b010n);
    await withdraw(client, { engine, from: owner, account, assets: 5n, to: owner, prices });
    await moveMargin(client, { engine, from: owner, source: account, target: other, assets: 6n, prices });
    expect(asked).toEqual([
      [feedOf(0n), feedOf(2n)],
      [feedOf(0n), feedOf(2n)],
    ]);
    expect(sent.map(({ data }) => decodeFunctionData({ abi, data }))).toEqual([
      {
        functionName: 'withdraw',
        args: [account, 5n, expect.toSatisfy((to) => BigInt(to) === BigInt(owner)), ['0x1234']],
      },
      { functionName: 'moveMargin', args: [account, other, 6n, ['0x1234']] },
    ]);
    expect(sent.map(({ value }) => value)).toEqual(['0x7', '0x7']);
  });

  it('asks nobody where nothing binds it', async () => {
    const { client, sent, asked, prices } = doubting(0n, 0b010n, 0b010n);
    await withdraw(client, { engine, from: owner, account, assets: 5n, to: owner, prices });
    expect(asked).toEqual([]);
    expect(sent.map(({ value }) => value)).toEqual([undefined]);
  });

  it('takes prices that are there already', async () => {
    const { client, sent } = chain({});
    await withdraw(client, { engine, from: owner, account, assets: 5n, to: owner, update: ['0x99'], value: 3n });
    expect(sent.map(({ value }) => value)).toEqual(['0x3']);
  });
});

describe('a flag', () => {
  it('is sent with its prices', async () => {
    const { client, sent } = chain({});
    expect(await flag(client, { engine, from: owner, account, update: ['0x12'], value: 2n })).toBe(HASH);
    expect(sent.map(({ data }) => decodeFunctionData({ abi, data }))).toEqual([
      { functionName: 'flag', args: [account, ['0x12']] },
    ]);
  });

  const price = (state: number): Price => ({ mid: 5n, lo: 4n, hi: 6n, halfWidth: 1n, publishTime: NOW, state });
  const previewed = (states: readonly number[], flaggedAt: bigint, due = true) => {
    const asked: Price[][] = [];
    const liquidation = {
      ...{ due, equity: 0n, maintenance: 0n, reward: 0n, penalty: 0n, margin: 0n, deferred: 0n, badDebt: 0n },
      ...{ poolPays: 0n, closed: 0n },
    };
    const { client } = chain({
      getDoubt: () => ({ held: 0n, flaggedAt: Number(flaggedAt) }),
      previewLiquidation: (_: Hex, prices: Price[]) => {
        asked.push(prices);
        return [liquidation, []];
      },
    });
    const answer = previewFlag(client, { engine, riskManager, account, prices: states.map(price) });
    return answer.then((found) => ({ found, states: asked[0]?.map(({ state }) => state) }));
  };

  it('is permitted to whom one source finds below maintenance', async () => {
    const { found, states } = await previewed([PriceState.Normal, PriceState.Single], 0n);
    expect(found).toEqual({ due: true, until: 600n, permitted: true });
    // Judged as both sources would: an earlier flag does not decide.
    expect(states).toEqual([PriceState.Normal, PriceState.Normal]);
    expect((await previewed([PriceState.Single], 0n, false)).found.permitted).toBe(false);
    expect((await previewed([PriceState.Guarded], 0n)).found.permitted).toBe(false);
    expect((await previewed([PriceState.Single, PriceState.SequencerDown], 0n)).found.permitted).toBe(false);
  });

  it('waits for the end of an earlier one', async () => {
    expect((await previewed([PriceState.Single], NOW - 600n)).found.permitted).toBe(false);
    expect((await previewed([PriceState.Single], NOW - 601n)).found.permitted).toBe(true);
  });
});
