import { accountId, packOrder } from '@tidemark/sdk';
import { describe, expect, it } from 'vitest';
import type { Action } from '../actions.ts';
import { at, config, NOW, OWNER, planned, stored, UNIT, USD } from './fixtures.ts';

const signed = (n: number, trigger?: { price: bigint; above: boolean }, deadline = 0n) => ({
  market: 0n,
  order: packOrder({
    account: accountId(OWNER),
    sizeDelta: UNIT,
    limitPrice: 0n,
    nonce: BigInt(n),
    deadline,
    ...(trigger && { trigger }),
  }),
  signature: `0x${n.toString(16).padStart(4, '0')}` as const,
});
const commits = (orders: ReturnType<typeof signed>[], market = at(0)) =>
  planned([market], { orders }).filter((one): one is Action & { kind: 'commitSigned' } => one.kind === 'commitSigned');

describe('orders that wait', () => {
  it('are committed when they wait for nothing, or their trigger is met at the stored index', () => {
    const [now, above, below] = [
      signed(1),
      signed(2, { price: 2001n * USD, above: true }),
      signed(3, { price: 2000n * USD, above: false }),
    ];
    expect(commits([now, above, below])).toMatchObject([{ market: 0, orders: [now, below] }]);
    const risen = at(0, { market: stored({ index: 2001n * USD }) });
    expect(commits([now, above, below], risen)).toMatchObject([{ orders: [now, above] }]);
  });

  it('are 32 of a market at most, and none whose deadline has passed or whose market has ended', () => {
    const many = Array.from({ length: 40 }, (_, n) => signed(n + 1));
    expect(commits(many)[0]?.orders).toHaveLength(32);
    expect(commits([signed(1, undefined, NOW - 1n)])).toEqual([]);
    expect(commits([signed(1, undefined, NOW)])).toHaveLength(1);
    expect(commits([signed(1)], at(0, { config: { ...config, flags: 17n } }))).toEqual([]);
  });
});
