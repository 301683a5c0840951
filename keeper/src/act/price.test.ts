import type { AnyClient } from '@tidemark/sdk';
import { describe, expect, it } from 'vitest';
import type { Action } from '../actions.ts';
import { at, batch, NOW, snapshot, USD } from '../plan/fixtures.ts';
import { Pricer } from './price.ts';

const engine = '0x00000000000000000000000000000000000000Aa';
const pricer = new Pricer({ client: {} as AnyClient, engine, chainId: 10, settles: true });
const price = { baseFee: 1n, priority: 1n };
/** Settles the head, whose order is released: no fee is told. */
const released = { gas: 200_000n, logs: [] };

const settle: Action = {
  ...{ key: 'settle 0 7', kind: 'settle', market: 0, index: 7n, committedAt: NOW },
  batches: [batch(7n, NOW).orders ?? []],
};
const queue = (...indices: bigint[]) => snapshot([at(0, { pending: indices.map((index) => batch(index, NOW, 2)) })]);

describe('what settling brings', () => {
  it('is nothing for an order that is released with none behind it', async () => {
    expect(await pricer.rewardOf(settle, released, queue(7n), price)).toBe(0n);
  });

  it('is half of what the orders behind bring, which it holds up', async () => {
    expect(await pricer.rewardOf(settle, released, queue(7n, 8n, 9n), price)).toBe(USD);
  });

  it('is half of its own fees and of those behind where the node tells no logs', async () => {
    expect(await pricer.rewardOf(settle, { ...released, logs: null }, queue(7n, 8n), price)).toBe((3n * USD) / 4n);
  });
});

describe('what passing over the expired brings', () => {
  const expire: Action = { key: 'expire 0 7', kind: 'expire', market: 0, count: 64 };
  const overdue = (...behind: bigint[]) =>
    snapshot([at(0, { pending: [batch(7n, NOW - 60n), ...behind.map((index) => batch(index, NOW, 2))] })]);

  it('is half of what the orders behind bring', async () => {
    expect(await pricer.rewardOf(expire, released, overdue(), price)).toBe(0n);
    expect(await pricer.rewardOf(expire, released, overdue(8n), price)).toBe(USD / 2n);
  });
});
