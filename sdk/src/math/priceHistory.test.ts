import { expect, test } from 'vitest';
import { changeSince, clamp, deviationAt, emptyHistory, type History, isDue, meanAt, record } from './priceHistory.ts';

const START = 1_700_000_000n;
const wad = 10n ** 18n;

/** As many observations of one price, half a minute apart. */
function steady(count: number, price = 2000n * wad): History {
  let history = emptyHistory();
  for (let i = 0n; i < count; i++) history = record(history, price, START + 30n * i);
  return history;
}

/** Numbers that look random and are the same on every run. */
function* numbers(): Generator<bigint, never> {
  for (let state = 1n; ; ) {
    state = (state * 6364136223846793005n + 1442695040888963407n) % 2n ** 64n;
    yield state >> 20n;
  }
}

test('a step is clamped by its distance in time', () => {
  expect(clamp(3000n, 1000n, 1n)).toBe(1010n);
  expect(clamp(1n, 1000n, 5n)).toBe(990n);
  expect(clamp(3000n, 1000n, 30n)).toBe(1060n);
  expect(clamp(3000n, 1000n, 10_000n)).toBe(1150n);
  expect(clamp(99n, 101n, 1n)).toBe(100n);
});

test('an observation is due half a minute after the last', () => {
  expect(isDue(emptyHistory(), 0n)).toBe(true);
  expect(isDue(steady(2), START + 59n)).toBe(false);
  expect(isDue(steady(2), START + 60n)).toBe(true);
});

test('the mean needs fifteen minutes, eight observations and no gap', () => {
  expect(meanAt(emptyHistory(), START)).toBe(0n);
  expect(meanAt(steady(30), START + 870n)).toBe(0n);
  expect(meanAt(steady(31), START + 900n)).toBe(2000n * wad);
  expect(meanAt(steady(64), START + 1890n + 601n)).toBe(0n);
  const late = record(steady(40), 2000n * wad, START + 1170n + 301n);
  expect(meanAt(late, START + 1471n)).toBe(0n);
});

test('the mean is that of every second', () => {
  const next = numbers();
  const below = (limit: bigint) => next.next().value % limit;
  for (let run = 0; run < 200; run++) {
    let history = emptyHistory();
    const seconds = new Map<bigint, bigint>();
    let time = START;
    for (let i = 0; i < 40; i++) {
      history = record(history, 1900n * wad + below(200n) * wad, time);
      const price = history.observations.at(-1)?.price ?? 0n;
      const until = time + 30n + below(60n);
      for (; time < until; time++) seconds.set(time, price);
    }
    let sum = 0n;
    for (let second = time - 900n; second < time; second++) sum += seconds.get(second) ?? 0n;
    expect(meanAt(history, time)).toBe(sum / 900n);
  }
});

test('deviation and change are those of the steps', () => {
  let history = record(steady(31), 2010n * wad, START + 930n);
  expect(deviationAt(history, START + 930n)).toBe(5000n);
  history = record(history, 2000n * wad, START + 960n);
  expect(deviationAt(history, START + 960n)).toBe(7053n);
  expect(changeSince(history, 1900n * wad, START + 960n)).toBe(52_631n);
  expect(changeSince(history, 1900n * wad, START + 930n)).toBe(57_894n);
  expect(changeSince(history, 1900n * wad, START + 961n)).toBe(0n);
});
