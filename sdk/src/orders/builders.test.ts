import { describe, expect, it } from 'vitest';
import { accountId } from '../accounts.ts';
import { isSound, isTriggered, unpackOrder } from '../math/orderWords.ts';
import {
  closeAll,
  ladder,
  limitOrder,
  marketOrder,
  momentAt,
  NO_LIMIT,
  reverse,
  stopLoss,
  stopOrder,
  takeProfit,
} from './builders.ts';
import { OrderInvalidError } from './orderErrors.ts';
import { orderOf } from './orderOf.ts';

const USD = 10n ** 18n;
const UNIT = 10n ** 12n;
const account = accountId('0x70997970C51812dc3A010C7d01b50e0d17dc79C8', 2n);
const long = { size: 3n * UNIT, generation: 7n };
const short = { size: -3n * UNIT, generation: 0n };

/** Whether an order may be committed at mids around a price. */
function at(order: Parameters<typeof orderOf>[0], ...mids: bigint[]): boolean[] {
  const { terms, extras } = orderOf(order);
  return mids.map((mid) => isTriggered(terms, extras, mid));
}

describe('orders', () => {
  it('of the market are bound by nothing but what is asked', () => {
    expect(marketOrder({ account, sizeDelta: UNIT })).toEqual({ account, sizeDelta: UNIT, limitPrice: NO_LIMIT });
    expect(marketOrder({ account, sizeDelta: -UNIT })).toEqual({ account, sizeDelta: -UNIT, limitPrice: 0n });
    expect(marketOrder({ account, sizeDelta: UNIT, limitPrice: USD }).limitPrice).toBe(USD);
  });

  it('with a limit wait for a mid that leaves room below it, or above', () => {
    const buy = limitOrder({ account, sizeDelta: UNIT, price: 2_000n * USD });
    expect(buy.limitPrice).toBe(2_000n * USD);
    expect(at(buy, 2_000n * USD, 1_998n * USD + 1n, 1_998n * USD, USD)).toEqual([false, false, true, true]);
    const sell = limitOrder({ account, sizeDelta: -UNIT, price: 2_000n * USD, roomBps: 0n });
    expect(at(sell, 2_000n * USD - 1n, 2_000n * USD)).toEqual([false, true]);
  });

  it('with a stop wait for a mid that runs away', () => {
    const price = 2_000n * USD;
    expect(at(stopOrder({ account, sizeDelta: UNIT, price }), price - 1n, price)).toEqual([false, true]);
    expect(at(stopOrder({ account, sizeDelta: -UNIT, price }), price + 1n, price)).toEqual([false, true]);
  });

  it('attached to a position leave it on the right side, and name its life', () => {
    const price = 2_000n * USD;
    const around = [price - 1n, price, price + 1n];
    expect(at(takeProfit({ account, position: long, price }), ...around)).toEqual([false, true, true]);
    expect(at(stopLoss({ account, position: long, price }), ...around)).toEqual([true, true, false]);
    expect(at(takeProfit({ account, position: short, price }), ...around)).toEqual([true, true, false]);
    expect(at(stopLoss({ account, position: short, price }), ...around)).toEqual([false, true, true]);
    const half = takeProfit({ account, position: long, price, shareBps: 5_000n });
    expect(half).toMatchObject({ sizeDelta: -5_000n, attachedTo: 7n, limitPrice: 0n, reduceOnly: true });
    expect(stopLoss({ account, position: short, price }).limitPrice).toBe(NO_LIMIT);
  });

  it('close all of a position, or turn it round', () => {
    expect(closeAll({ account, position: short })).toEqual({
      account,
      sizeDelta: -10_000n,
      limitPrice: NO_LIMIT,
      attachedTo: 0n,
      reduceOnly: true,
    });
    expect(reverse({ account, position: long })).toEqual({
      account,
      sizeDelta: -20_000n,
      limitPrice: 0n,
      attachedTo: 7n,
    });
    const { terms, extras } = orderOf(reverse({ account, position: long }));
    expect(isSound(terms, extras)).toBe(true);
  });

  it('cannot be attached to nothing, or to more than twice a position', () => {
    expect(() => closeAll({ account, position: { size: 0n, generation: 1n } })).toThrow(OrderInvalidError);
    for (const shareBps of [0n, -1n, 20_001n]) {
      expect(() => stopLoss({ account, position: long, price: USD, shareBps })).toThrow(OrderInvalidError);
    }
  });

  it.each([
    [false, [333n, 333n, 334n]],
    [true, [166n, 334n, 500n]],
  ])('of a ladder step evenly and sum up (rising: %s)', (rising, sizes) => {
    const rungs = ladder({
      account,
      sizeDelta: -1_000n,
      from: 100n * USD,
      to: 110n * USD,
      rungs: 3,
      rising,
      nonce: 5n,
    });
    expect(rungs.map(({ sizeDelta }) => -sizeDelta)).toEqual(sizes);
    expect(rungs.map(({ limitPrice }) => limitPrice)).toEqual([100n * USD, 105n * USD, 110n * USD]);
    expect(rungs.map(({ nonce }) => nonce)).toEqual([5n, 6n, 7n]);
    expect(rungs.every(({ trigger }) => trigger?.above)).toBe(true);
  });

  it('of a ladder of one rung are refused', () => {
    expect(() => ladder({ account, sizeDelta: UNIT, from: USD, to: USD, rungs: 1 })).toThrow(OrderInvalidError);
  });

  it('of the moment carry the last second of its span', () => {
    expect(momentAt(1_000n)).toEqual({ moment: true, deadline: 1_023n });
  });
});

describe('the words of an order', () => {
  const order = marketOrder({ account, sizeDelta: UNIT });

  it('are its fields', () => {
    const builder = { address: account.slice(0, 42) as `0x${string}`, fee: 50n };
    const fields = { ...order, nonce: 9n, deadline: 99n, trigger: { price: USD, above: true }, builder };
    expect(unpackOrder(orderOf(fields))).toEqual(fields);
  });

  it.each([
    ['size', { sizeDelta: 2n ** 87n }],
    ['limit price', { limitPrice: 2n ** 88n }],
    ['generation', { attachedTo: 65_536n, sizeDelta: -1n }],
    ['trigger price', { trigger: { price: -1n, above: true } }],
    ['deadline', { deadline: 2n ** 32n }],
    ['nonce', { nonce: 2n ** 24n }],
    ["builder's fee", { builder: { address: account.slice(0, 42) as `0x${string}`, fee: 256n } }],
  ])('refuse a %s that does not fit', (name, change) => {
    expect(() => orderOf({ ...order, ...change })).toThrow(`The order's ${name} of `);
  });

  it.each([
    ['a trigger without a price', { trigger: { price: 0n, above: true } }],
    ['a dear builder', { builder: { address: account.slice(0, 42) as `0x${string}`, fee: 51n } }],
    ['a share of three positions', { attachedTo: 1n, sizeDelta: -30_000n }],
    ['a trigger of the moment', { ...momentAt(5n), trigger: { price: USD, above: true } }],
    ['a nonce of the moment', { ...momentAt(5n), nonce: 1n }],
  ])('refuse %s', (_, change) => {
    expect(() => orderOf({ ...order, ...change })).toThrow('do not fit together');
  });
});
