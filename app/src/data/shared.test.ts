import { expect, test } from 'vitest';
import { shared } from './shared.ts';

test('the same arguments are calculated once, others anew', () => {
  let count = 0;
  const add = shared((a: number, b: number) => {
    count++;
    return a + b;
  });
  expect([add(1, 2), add(1, 2), add(2, 2), add(1, 2)]).toEqual([3, 3, 4, 3]);
  expect(count).toBe(3);
});
