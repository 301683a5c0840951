import { expect, test } from 'vitest';
import { applyPrice, mergeCandle } from './model.ts';

const candle = { time: 120, open: 10, high: 12, low: 9, close: 11, volume: 3 };

test('a price moves the candle it falls into', () => {
  expect(applyPrice(candle, { price: 13, time: 179, seconds: 60 })).toEqual({ ...candle, high: 13, close: 13 });
});

test('a later price begins a candle at the last close', () => {
  const next = applyPrice(candle, { price: 8, time: 180, seconds: 60 });
  expect(next).toEqual({ time: 180, open: 11, high: 11, low: 8, close: 8, volume: 0 });
});

test('an older price changes nothing', () => {
  expect(applyPrice(candle, { price: 8, time: 60, seconds: 60 })).toBeNull();
  expect(mergeCandle([candle], { ...candle, time: 60 })).toEqual([candle]);
});

test('a candle of the same time replaces the last', () => {
  const newer = { ...candle, close: 12 };
  expect(mergeCandle([candle], newer)).toEqual([newer]);
});
