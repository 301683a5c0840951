import { expect, test } from 'vitest';
import {
  formatClock,
  formatCompactUsd,
  formatFixed,
  formatPercent,
  formatSignedUsd,
  formatSize,
  parseFixed,
  roundTo,
  toInput,
} from './format.ts';

const wad = 10n ** 18n;

test('groups thousands and rounds to the digits asked for', () => {
  expect(formatFixed(1_234_567_895n, 3, 2)).toBe('1,234,567.90');
  expect(formatFixed(-1_005n, 3, 2)).toBe('−1.00');
  expect(formatFixed(5n, 0, 2)).toBe('5.00');
});

test('rounds floor and ceil by value, for negative numbers too', () => {
  expect(formatFixed(-1_001n, 3, 2, 'floor')).toBe('−1.01');
  expect(formatFixed(-1_009n, 3, 2, 'ceil')).toBe('−1.00');
  expect(formatFixed(1_001n, 3, 2, 'ceil')).toBe('1.01');
});

test('rounds to digits and keeps the scale', () => {
  expect(roundTo(1_499_000_000_000_000_001n, 2, 'ceil')).toBe(15n * 10n ** 17n);
  expect(roundTo(1_499_000_000_000_000_001n, 2, 'floor')).toBe(149n * 10n ** 16n);
});

test('shows the sign of money only when there is money', () => {
  expect(formatSignedUsd(2n * wad)).toBe('+$2.00');
  expect(formatSignedUsd(-2n * wad)).toBe('−$2.00');
  expect(formatSignedUsd(1n)).toBe('$0.00');
});

test('shortens large amounts downwards', () => {
  expect(formatCompactUsd(48_239_999n * wad)).toBe('$48.23M');
  expect(formatCompactUsd(999n * wad)).toBe('$999');
});

test('writes rates, sizes and clocks', () => {
  expect(formatPercent(31_000_000_000_000n, 4)).toBe('+0.0031%');
  expect(formatSize(-908_600_000_000n, 4)).toBe('0.9086');
  expect(formatClock(1458)).toBe('24:18');
  expect(formatClock(3600)).toBe('1:00:00');
});

test('reads what people type and refuses what is no number', () => {
  expect(parseFixed('2,500.5', 6)).toBe(2_500_500_000n);
  expect(parseFixed('.5', 1)).toBe(5n);
  for (const text of ['', '.', '-1', '1e3', '0x1', '1.2.3', '1.1234567']) expect(parseFixed(text, 6)).toBeNull();
});

test('what an input shows reads back as itself', () => {
  for (const value of [0n, 1n, 123_456_789n, 10n ** 15n]) expect(parseFixed(toInput(value, 6, 6), 6)).toBe(value);
});
