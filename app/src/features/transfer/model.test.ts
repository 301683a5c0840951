import { expect, test } from 'vitest';
import { mostToOffer, type TransferFacts, transferBlocker, withdrawable } from './model.ts';

const wad = 10n ** 18n;
const facts: TransferFacts = {
  kind: 'withdraw',
  text: '10',
  usdc: 5_000_000n,
  margin: 20n * wad,
  withdrawable: 15n * wad,
  left: 12n * wad,
  pending: 0,
  ether: 1n,
  halted: false,
  answers: true,
};

test('a withdrawal says what stops it', () => {
  expect(transferBlocker(facts)).toBeNull();
  for (const wrong of [
    { text: '' },
    { text: 'x' },
    { text: '0' },
    { text: '1.1234567' },
    { pending: 1 },
    { ether: 0n },
    { halted: true },
    { answers: false },
    { text: '13' },
    { text: '16' },
    { text: '21' },
  ]) {
    expect(transferBlocker({ ...facts, ...wrong })).not.toBeNull();
  }
});

test('a withdrawal says which bound stops it', () => {
  expect(transferBlocker({ ...facts, text: '12' })).toBeNull();
  expect(transferBlocker({ ...facts, text: '12.000001' })).toContain('$12.00 more this hour');
  expect(transferBlocker({ ...facts, text: '16' })).toContain('20 % of notional');
  expect(transferBlocker({ ...facts, text: '21' })).toContain('realised margin');
});

test('a deposit is bounded by the wallet, and waits for orders', () => {
  expect(transferBlocker({ ...facts, kind: 'deposit', text: '5', halted: true })).toBeNull();
  expect(transferBlocker({ ...facts, kind: 'deposit', text: '5', pending: 1 })).not.toBeNull();
  expect(transferBlocker({ ...facts, kind: 'deposit', text: '5.000001' })).not.toBeNull();
});

test('the most that is offered leaves room for the price to move', () => {
  expect(mostToOffer(100n * wad, 4_000n * wad)).toBe(90n * wad);
  expect(mostToOffer(100n * wad, 0n)).toBe(100n * wad);
  expect(mostToOffer(5n * wad, 4_000n * wad)).toBe(0n);
});

test('never more leaves than realised margin, nor than equity beyond what must stay', () => {
  expect(withdrawable(10n * wad, 100n * wad, 20n * wad)).toBe(10n * wad);
  expect(withdrawable(100n * wad, 30n * wad, 20n * wad + 1n)).toBe(10n * wad - 10n ** 12n);
  expect(withdrawable(10n * wad, 5n * wad, 20n * wad)).toBe(0n);
});
