import { expect, test } from 'vitest';
import { Clock, nextTimestamp } from './clock.ts';

test('no block before its time, none further than six seconds', () => {
  expect(nextTimestamp(100, 101.9)).toBeUndefined();
  expect(nextTimestamp(100, 102)).toBe(102);
  expect(nextTimestamp(100, 105.5)).toBe(105);
  expect(nextTimestamp(100, 500)).toBe(106);
});

test('time goes on from the last block and never backwards', async () => {
  const mined: number[] = [];
  const clock = new Clock(1000, 600, { mine: async (timestamp) => void mined.push(timestamp) });
  await new Promise<void>((resolve, reject) => {
    clock.onBlock(() => mined.length === 20 && resolve());
    clock.start(reject);
  });
  await clock.stop();
  const steps = mined.map((time, i) => time - (i === 0 ? 1000 : (mined[i - 1] ?? 0)));
  expect(Math.min(...steps)).toBeGreaterThanOrEqual(2);
  expect(Math.max(...steps)).toBeLessThanOrEqual(6);
  expect(clock.now()).toBe(mined.at(-1));
});
