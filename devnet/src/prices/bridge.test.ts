import { expect, test } from 'vitest';
import { generator, normal } from '../random.ts';
import { bridge, deviationOfRange } from './bridge.ts';

test('a bridge begins at its opening, and one without deviation goes straight to its close', () => {
  const way = bridge(100, 121, 0, 2, generator(1));
  expect([...way]).toEqual([100, expect.closeTo(110, 10)]);
});

test('the same draws make the same bridge', () => {
  expect(bridge(100, 101, 0.01, 60, generator(7))).toEqual(bridge(100, 101, 0.01, 60, generator(7)));
  expect(bridge(100, 101, 0.01, 60, generator(7))).not.toEqual(bridge(100, 101, 0.01, 60, generator(8)));
});

test('half-way a bridge lies half its deviation from the straight line, on average', () => {
  const uniform = generator(3);
  const squares = Array.from(
    { length: 4000 },
    () => Math.log((bridge(100, 100, 0.02, 60, uniform)[30] ?? 0) / 100) ** 2,
  );
  expect(Math.sqrt(squares.reduce((sum, one) => sum + one, 0) / squares.length)).toBeCloseTo(0.01, 3);
});

test('the range of a walk tells its deviation', () => {
  const uniform = generator(5);
  const squares = Array.from({ length: 2000 }, () => {
    // A walk is a bridge to where it happens to end.
    const end = 100 * Math.exp(0.02 * normal(uniform));
    const way = bridge(100, end, 0.02, 500, uniform);
    return deviationOfRange(Math.max(...way), Math.min(...way)) ** 2;
  });
  expect(Math.sqrt(squares.reduce((sum, one) => sum + one, 0) / squares.length)).toBeCloseTo(0.02, 2);
});
