import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { compareHistory } from './indexBooks/compareHistory.ts';
import { differenceLines } from './indexBooks/compareIndex.ts';

const artifacts = fileURLToPath(new URL('../../contracts/out', import.meta.url));

test('the books of a random history, rebuilt from the index alone, are those of the storage', {
  timeout: 300_000,
}, async () => {
  const comparison = await compareHistory(artifacts, { operations: 100, seed: 1 });
  expect(differenceLines(comparison)).toEqual([]);
  expect(comparison.compared).toBeGreaterThan(1_000);
});
