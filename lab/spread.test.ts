import { describe, expect, test } from 'vitest';
import { generator, normal } from '../devnet/src/random.ts';
import { courseFrom } from './course.ts';
import { quantile } from './feeds.ts';
import { PERIODS } from './periods.ts';
import { drift, REVERSION, secondVenue } from './spread.ts';
import { separated } from './stretch.ts';
import { START } from './synthetic.ts';

const HOUR = 3600;
const mean = (values: Float64Array) => values.reduce((sum, one) => sum + one, 0) / values.length;

describe('the drift between venues', () => {
  const units = drift(500 * HOUR, 1);

  test('has mean 0 and the percentiles of a normal of variance 1', () => {
    expect(mean(units)).toBeCloseTo(0, 1);
    const sizes = units.map(Math.abs).sort();
    expect(quantile(sizes, 0.5)).toBeCloseTo(0.6745, 1);
    expect(quantile(sizes, 0.99)).toBeCloseTo(2.576, 1);
  });

  test('falls to 1/e in the time of its reversion', () => {
    const later = units.subarray(REVERSION);
    expect(mean(later.map((one, i) => one * (units[i] ?? 0)))).toBeCloseTo(Math.exp(-1), 1);
  });

  test('is the same of the same seed, and another of another', () => {
    expect(drift(100, 5)).toEqual(drift(100, 5));
    expect(drift(100, 5)).not.toEqual(drift(100, 6));
  });
});

test('a spread is scale times volatility times drift, and bounded', () => {
  const course = courseFrom(START, [100, 100, 100], 0.001);
  const [none, small, large] = secondVenue(course, Float64Array.of(0, 1, 1e6), 2);
  expect(none).toBe(100);
  expect(small).toBeCloseTo(100.2, 3);
  expect(large).toBeCloseTo(108, 6);
});

describe('the sources’ distance', () => {
  /** A day that is calm but for an hour in the middle that is thirty times as wild. */
  function crash() {
    const uniform = generator(9);
    const prices = [3000];
    const perMinute = (second: number) => (Math.abs(second - 12 * HOUR) < HOUR / 2 ? 0.015 : 0.0005);
    for (let i = 1; i < 24 * HOUR; i++)
      prices.push((prices[i - 1] ?? 0) * Math.exp((normal(uniform) * perMinute(i)) / Math.sqrt(60)));
    const course = courseFrom(START, prices, 0);
    return { ...course, volatility: course.volatility.map((_, i) => perMinute(i)) };
  }
  const target = PERIODS.find(({ name }) => name === '2021-05-19')?.spread;
  if (!target) throw new Error('There is no such period.');

  test('has the percentile and the peak that were measured in crashes', () => {
    const { percentile, peak, scale } = separated('ETH', crash(), START, target, { seed: 1 });
    expect(percentile).toBeGreaterThanOrEqual(target.percentile[0]);
    expect(percentile).toBeLessThanOrEqual(target.percentile[1]);
    expect(peak).toBeGreaterThanOrEqual(target.peak[0]);
    expect(peak).toBeLessThanOrEqual(target.peak[1]);
    expect(scale).toBeGreaterThanOrEqual(target.leastScale);
  });

  test('is the same of the same seed, round for round', () => {
    const [one, two] = [1, 1].map((seed) => separated('ETH', crash(), START, target, { seed }));
    expect(two?.feeds.rounds).toEqual(one?.feeds.rounds);
    expect(two?.percentile).toBe(one?.percentile);
    expect(separated('ETH', crash(), START, target, { seed: 2 }).feeds.rounds).not.toEqual(one?.feeds.rounds);
  });
});
