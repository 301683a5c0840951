import { expect, test } from 'vitest';
import { generator } from '../random.ts';
import { CALIBRATED, EPOCH, MODEL_SYMBOLS, modelSource } from './model.ts';

const NOW = 1_790_000_000;
const prices = (source: ReturnType<typeof modelSource>, times: readonly number[]) =>
  times.map((time) => source.quoteAt('ETH', time)?.price);

test('the price of a second is the same for any start, in any order, from any instance', () => {
  const times = Array.from({ length: 400 }, (_, i) => NOW + 37 * i);
  const forward = prices(modelSource(1, NOW, ['ETH']), times);
  expect(new Set(forward).size).toBe(400);
  expect(prices(modelSource(1, NOW, ['ETH']), times.toReversed())).toEqual(forward.toReversed());
  const random = generator(1);
  const shuffled = times.toSorted(() => random() - 0.5);
  const years = modelSource(1, NOW - 3 * 31_536_000, ['BTC', 'ETH']);
  years.quoteAt('ETH', NOW + 10 * 86_400);
  const byTime = new Map(shuffled.map((time) => [time, years.quoteAt('ETH', time)?.price]));
  expect(times.map((time) => byTime.get(time))).toEqual(forward);
});

test('another seed is another path, and each symbol has its own', () => {
  const times = Array.from({ length: 50 }, (_, i) => NOW + 600 * i);
  const moves = (seed: number, symbol: string) => {
    const source = modelSource(seed, NOW, [symbol]);
    return times.map(
      (time) => Number(source.quoteAt(symbol, time)?.price) / Number(source.quoteAt(symbol, NOW)?.price),
    );
  };
  expect(moves(1, 'ETH')).not.toEqual(moves(2, 'ETH'));
  expect(moves(1, 'ETH')).not.toEqual(moves(1, 'BTC'));
});

test('minutes, hours and days join without a step', () => {
  const source = modelSource(1, NOW, ['ETH']);
  const midnight = Math.ceil(NOW / 86_400) * 86_400;
  const size = (time: number) => {
    const [a = 0, b = 0] = prices(source, [time - 1, time]).map(Number);
    return Math.abs(Math.log(b / a));
  };
  const within = Array.from({ length: 2000 }, (_, i) => size(midnight - 7200 + 7 * i + 1)).sort((a, b) => a - b);
  const joints = Array.from({ length: 100 }, (_, i) => size(midnight + 60 * (i - 50))).sort((a, b) => a - b);
  expect(joints[50]).toBeGreaterThan((within[1000] ?? 0) / 2);
  expect(joints[50]).toBeLessThan((within[1000] ?? 0) * 2);
});

test('volatility of days is distributed as its parameters say, and prices stay positive and near their level', () => {
  const law = CALIBRATED.ETH as (typeof CALIBRATED)[string];
  const source = modelSource(5, EPOCH, ['ETH']);
  const days = 1500;
  const logs: number[] = [];
  let [lowest, highest] = [Number.POSITIVE_INFINITY, 0];
  for (let day = 0; day < days; day++) {
    let squares = 0;
    let last: number | undefined;
    for (let time = EPOCH + day * 86_400; time <= EPOCH + (day + 1) * 86_400; time += 600) {
      const price = Number(source.quoteAt('ETH', time)?.price);
      [lowest, highest] = [Math.min(lowest, price), Math.max(highest, price)];
      if (last !== undefined) squares += Math.log(price / last) ** 2;
      last = price;
    }
    logs.push(Math.log(squares) / 2);
  }
  const mean = logs.reduce((sum, log) => sum + log, 0) / days;
  const spread = Math.sqrt(logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / days);
  // Realised volatility holds the jumps as well: their share of the variance.
  const jumps = Math.log1p((law.jumpsPerDay * law.jumpSize ** 2) / 1440) / 2;
  expect(Math.abs(mean - law.logVolatility - jumps)).toBeLessThan(0.08);
  expect(Math.abs(spread - law.volatilitySpread)).toBeLessThan(0.06);
  expect(lowest).toBeGreaterThan(300e8);
  expect(highest).toBeLessThan(30_000e8);
});

test('a confidence widens with the hour, between its bounds', () => {
  const source = modelSource(1, NOW, MODEL_SYMBOLS);
  const points = Array.from({ length: 500 }, (_, i) => source.quoteAt('BTC', NOW + 3600 * i)).map(
    (quote) => (1e4 * Number(quote?.confidence)) / Number(quote?.price),
  );
  expect(Math.min(...points)).toBeCloseTo(0.7 * 5, 1);
  expect(Math.max(...points)).toBeGreaterThan(8);
  expect(Math.max(...points)).toBeLessThanOrEqual(20.001);
});

test('there is no price before the epoch, nor of a symbol without a law', () => {
  const source = modelSource(1, NOW, ['ETH', 'DOGE']);
  expect(source.symbols).toEqual(['ETH']);
  expect(source.quoteAt('ETH', EPOCH - 1)).toBeUndefined();
  expect(source.quoteAt('ETH', EPOCH)?.price).toBe(3000_00000000n);
  expect(source.quoteAt('DOGE', NOW)).toBeUndefined();
});
