import { expect, test } from 'vitest';
import { type TransferFacts, transferBlocker, withdrawable } from './model.ts';

const wad = 10n ** 18n;
const facts: TransferFacts = {
  kind: 'withdraw',
  text: '10',
  usdc: 5_000_000n,
  margin: 20n * wad,
  withdrawable: 15n * wad,
  pending: 0,
};

test('a withdrawal says what stops it', () => {
  expect(transferBlocker(facts)).toBeNull();
  for (const wrong of [
    { text: '' },
    { text: 'x' },
    { text: '0' },
    { text: '1.1234567' },
    { pending: 1 },
    { text: '16' },
    { text: '21' },
  ]) {
    expect(transferBlocker({ ...facts, ...wrong })).not.toBeNull();
  }
});

test('a deposit is bounded by the wallet only', () => {
  expect(transferBlocker({ ...facts, kind: 'deposit', text: '5', pending: 3 })).toBeNull();
  expect(transferBlocker({ ...facts, kind: 'deposit', text: '5.000001' })).not.toBeNull();
});

test('never more leaves than realised margin, nor than equity beyond what must stay', () => {
  expect(withdrawable(10n * wad, 100n * wad, 20n * wad)).toBe(10n * wad);
  expect(withdrawable(100n * wad, 30n * wad, 20n * wad + 1n)).toBe(10n * wad - 10n ** 12n);
  expect(withdrawable(10n * wad, 5n * wad, 20n * wad)).toBe(0n);
});
