import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Clock, nextTimestamp } from './clock.ts';

test('no block before its time, none further than six seconds', () => {
  expect(nextTimestamp(100, 101.9)).toBeUndefined();
  expect(nextTimestamp(100, 102)).toBe(102);
  expect(nextTimestamp(100, 105.5)).toBe(105);
  expect(nextTimestamp(100, 500)).toBe(106);
  expect(nextTimestamp(100, 50)).toBeUndefined();
});

/** Runs a clock for a number of blocks. */
async function run(speed: number, blocks: number) {
  const mined: number[] = [];
  const clock = new Clock(1000, speed, {
    mine: async (timestamp) => {
      mined.push(timestamp);
    },
  });
  const told: number[] = [];
  await new Promise<void>((resolve, reject) => {
    clock.onBlock((now) => {
      told.push(now);
      expect(clock.now()).toBe(now);
      if (told.length === blocks) resolve();
    });
    clock.start(reject);
  });
  await clock.stop();
  return { clock, mined, told };
}

test('time goes on from the last block and never backwards', async () => {
  const { clock, mined, told } = await run(600, 20);
  const steps = mined.map((time, i) => time - (mined[i - 1] ?? 1000));
  expect(Math.min(...steps)).toBeGreaterThanOrEqual(2);
  expect(Math.max(...steps)).toBeLessThanOrEqual(6);
  expect(clock.now()).toBe(mined.at(-1));
  expect(told).toEqual(mined.slice(0, told.length));
});

describe('a machine too slow for the speed', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('makes full steps, builds up no debt, and says what it reaches', async () => {
    let millisecondsABlock = 1000;
    const mined: number[] = [];
    const clock = new Clock(1000, 10, {
      mine: async (timestamp) => {
        await new Promise((resolve) => setTimeout(resolve, millisecondsABlock));
        mined.push(timestamp);
      },
    });
    clock.start((error) => expect.fail(error.message));
    await vi.advanceTimersByTimeAsync(20_000);
    const slow = clock.now() - 1000;
    expect(slow).toBeLessThan(6 * 20);
    expect(slow).toBeGreaterThan(4 * 15);
    expect(clock.reached).toBeLessThan(6);

    millisecondsABlock = 0;
    await vi.advanceTimersByTimeAsync(1000);
    const caught = clock.now();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(Math.abs(clock.now() - caught - 100)).toBeLessThanOrEqual(6);
    const stopping = clock.stop();
    await vi.advanceTimersByTimeAsync(1000);
    await stopping;
    expect(mined.every((time, i) => time - (mined[i - 1] ?? 1000) <= 6)).toBe(true);
  });
});

test('a block that cannot be made stops the clock, and is told once', async () => {
  const told: Error[] = [];
  const failure = new Error('no chain');
  let tries = 0;
  await new Promise<void>((resolve) => {
    const clock = new Clock(1000, 1000, {
      mine: async () => {
        tries++;
        throw failure;
      },
    });
    clock.onBlock(() => expect.fail('no block was made'));
    clock.start((error) => {
      told.push(error);
      void clock.stop().then(resolve);
    });
  });
  expect(told).toEqual([failure]);
  expect(tries).toBe(1);
});

test('a stopped clock makes no block', async () => {
  const { clock, mined } = await run(1000, 3);
  const made = mined.length;
  clock.start(() => {});
  await clock.stop();
  expect(mined).toHaveLength(made);
});
