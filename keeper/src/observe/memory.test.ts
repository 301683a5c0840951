import { accountId, packOrder, placeOf } from '@tidemark/sdk';
import type { Hex } from 'viem';
import { beforeEach, describe, expect, it } from 'vitest';
import { HealthIndex } from '../health/healthIndex.ts';
import { holder, OWNER, position, UNIT } from '../plan/fixtures.ts';
import { type Block, ChainFollower, REMEMBERED } from './blocks.ts';
import { ChainDouble, logOf } from './chainDouble.ts';
import { Memory } from './memory.ts';

const account = (n: number): Hex => accountId(OWNER, BigInt(n));

const filled = (n: number) => logOf('OrderFilled', { account: account(n) });
const deposited = (n: number) => logOf('Deposited', { account: account(n) });
const committed = (index: bigint, n: number) => {
  const order = packOrder({ account: account(n), sizeDelta: UNIT, limitPrice: 0n });
  return logOf('BatchCommitted', { place: placeOf({ market: 0n, index, feeCents: 50n }), orders: [order] });
};

let chain: ChainDouble;
let follower: ChainFollower;
let memory: Memory;
let health: HealthIndex;
beforeEach(() => {
  chain = new ChainDouble();
  chain.grow(5);
  follower = new ChainFollower(chain.client, chain.engine, 0n);
  memory = new Memory(chain.engine);
  health = new HealthIndex();
});

/** Looks until nothing is new. @returns The accounts to be read, as numbers; they are read then. */
async function look(): Promise<number[]> {
  for (;;) {
    const step = await follower.step();
    if (step.kind === 'reorg') memory.unlearn(step.to as Block);
    else if (step.kind === 'ahead') memory.learn(step.old, step.blocks, health);
    else break;
  }
  const unread = [...memory.unread].map((id) => Number(BigInt(id) & 0xffffn)).sort((a, b) => a - b);
  memory.unread.clear();
  return unread;
}

/** Knows an account with a position in market 0. */
const hold = (n: number, market = 0) =>
  health.setAccount(holder({ id: account(n), positions: new Map([[market, position(UNIT)]]) }));

describe('what events tell', () => {
  it('is whom to read: whoever may have a position, and of those known whoever changed', async () => {
    chain.add([filled(1), deposited(2), logOf('ClaimOpened', { account: account(3) })]);
    expect(await look()).toEqual([1, 3]);
    hold(1);
    hold(2);
    chain.add([deposited(2), deposited(4)]);
    expect(await look()).toEqual([2]);
    chain.add([]);
    expect(await look()).toEqual([]);
  });

  it.each([
    ['Withdrawn'],
    ['Credited'],
    ['OrderReleased'],
    ['OrderFailed'],
    ['PositionClosed'],
    ['PositionLiquidated'],
    ['AccountFlagged'],
    ['LossDeferred'],
    ['ClaimCancelled'],
    ['Crystallised'],
    ['PositionSettled'],
  ])('%s names its account', async (name) => {
    hold(1);
    hold(2);
    chain.add([logOf(name, { account: account(1) })]);
    expect(await look()).toEqual([1]);
  });

  it('names both sides of a move, the traders of a batch, and the keeper who settled one', async () => {
    for (const n of [0, 1, 2, 3, 4]) hold(n);
    chain.add([logOf('MarginMoved', { from: account(1), to: account(2) })]);
    expect(await look()).toEqual([1, 2]);
    chain.add([committed(7n, 3)]);
    expect(await look()).toEqual([3]);
    expect(memory.ordersOf(0, 7n)).toHaveLength(1);
    chain.add([logOf('BatchesSettled', { keeper: OWNER })]);
    expect(await look()).toEqual([0]);
  });

  it('is of everybody in a market that was deleveraged, and of every claimant when claims are paid', async () => {
    hold(1, 0);
    hold(2, 1);
    hold(3, 1);
    chain.add([logOf('Deleveraged', { market: 1n })]);
    expect(await look()).toEqual([2, 3]);
    chain.add([logOf('ClaimOpened', { account: account(1) })]);
    expect(await look()).toEqual([1]);
    chain.add([logOf('ClaimsPaid', {})]);
    expect(await look()).toEqual([1]);
  });

  it('is the time of the last appraisal, or its block where that is old', async () => {
    chain.add([logOf('PoolAppraised', {})]);
    await look();
    expect(memory.appraisal).toEqual({ time: 1_700_000_010n });
    chain.grow(Number(REMEMBERED) + 10);
    memory = new Memory(chain.engine);
    follower = new ChainFollower(chain.client, chain.engine, 0n);
    await look();
    expect(memory.appraisal).toEqual({ block: 5n });
  });

  it('keeps the orders of a batch until it can neither be settled nor be unsettled', async () => {
    chain.add([committed(7n, 3), committed(8n, 3)]);
    await look();
    chain.grow(Number(REMEMBERED) - 1);
    await look();
    memory.prune(4n + REMEMBERED, [9n]);
    expect(memory.ordersOf(0, 7n)).toHaveLength(1);
    memory.prune(5n + REMEMBERED, [8n]);
    expect(memory.ordersOf(0, 7n)).toBeUndefined();
    expect(memory.ordersOf(0, 8n)).toHaveLength(1);
  });
});

describe('what a reorg takes back', () => {
  it('has to be read again: those the lost blocks named, and those the new ones name', async () => {
    for (const n of [1, 2, 3]) hold(n);
    chain.add([deposited(1)]);
    await look();
    chain.add([deposited(2), filled(5)]);
    await look();
    chain.grow(0, { from: 5 });
    chain.add([deposited(3)], 'other');
    expect(await look()).toEqual([2, 3, 5]);
    // Whether somebody has a claim may hang on a block that is gone.
    expect([...memory.claimants]).toContain(account(2));
  });

  it('is orders and appraisals, until they come again', async () => {
    chain.add([logOf('PoolAppraised', {})]);
    await look();
    chain.add([committed(7n, 3), logOf('PoolAppraised', {})]);
    await look();
    expect(memory.appraisal).toEqual({ time: 1_700_000_012n });
    chain.grow(1, { from: 5, fork: 'other' });
    await look();
    expect(memory.ordersOf(0, 7n)).toBeUndefined();
    expect(memory.appraisal).toEqual({ time: 1_700_000_010n });
    chain.add([committed(7n, 4)], 'other');
    await look();
    expect(memory.ordersOf(0, 7n)?.[0]?.account).toBe(account(4));
  });
});
