import { expect, test } from 'vitest';
import { batchKey, type CommittedOrder, fillPrice, matchSettlements, statusOf } from './model.ts';

const order = (index: bigint, place: number): CommittedOrder => ({
  market: 0,
  index,
  place,
  account: '0x00',
  sizeDelta: 1n,
  limitPrice: 1n,
  keeperFee: 10n ** 17n,
  committedAt: 100,
  block: index,
  hash: '0x01',
});

test('settlements go to the orders of their batch in order', () => {
  const failed = { kind: 'failed', reason: 2, at: 103, hash: '0x02' } as const;
  const filled = { kind: 'filled', sizeDelta: 1n, cost: 5n, fee: 1n, realised: 0n, at: 103, hash: '0x02' } as const;
  const rows = matchSettlements(
    [order(1n, 1), order(1n, 0), order(2n, 0)],
    new Map([[batchKey(0, 1n), [failed, filled]]]),
  );
  const of = (index: bigint, place: number) => rows.find((row) => row.index === index && row.place === place);
  expect(of(1n, 0)?.settlement).toBe(failed);
  expect(of(1n, 1)?.settlement).toBe(filled);
  expect(of(2n, 0)?.settlement).toBeNull();
});

test('an order waits for a minute of chain time, then is expired', () => {
  const row = { ...order(1n, 0), settlement: null };
  expect(statusOf(row, 160)).toBe('committed');
  expect(statusOf(row, 161)).toBe('expired');
});

test('the mean price is rounded against the trader', () => {
  expect(fillPrice(10n, 3n)).toBe(4n);
  expect(fillPrice(-10n, -3n)).toBe(3n);
  expect(fillPrice(9n, 3n)).toBe(3n);
});
