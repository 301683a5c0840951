import { expect, test } from 'vitest';
import { applyPrice, mergeCandle, prepend, spliceTail } from './model.ts';

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

test('the server corrects candles that ended and fills a gap; the forming one keeps what prices made of it', () => {
  const at = (time: number, close: number) => ({ time, open: 10, high: close, low: 9, close, volume: 0 });
  const drawn = [at(0, 10), at(60, 11), at(240, 15)];
  const told = [at(60, 14), at(120, 12), at(180, 13), at(240, 12)];
  expect(spliceTail(drawn, told)).toEqual([at(0, 10), at(60, 14), at(120, 12), at(180, 13), at(240, 15)]);
  expect(spliceTail(drawn, [])).toBe(drawn);
  expect(spliceTail(drawn, [at(60, 14)]).at(-1)).toEqual(at(240, 15));
});

test('older candles go before, and never twice', () => {
  const at = (time: number) => ({ ...candle, time });
  expect(prepend([at(0), at(60), at(120)], [at(120), at(180)]).map(({ time }) => time)).toEqual([0, 60, 120, 180]);
});
