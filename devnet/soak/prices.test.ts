import { expect, it } from 'vitest';
import { EPOCH, modelSource } from '../src/prices/model.ts';
import { shockedSource } from './prices.ts';

const START = EPOCH + 3_600_000;
const SECONDS = 1_200;

it('shocks prices by 3 to 8 % again and again, never fast, and the same for a seed', () => {
  const model = modelSource(3, START, ['ETH']);
  const source = shockedSource(3, START, ['ETH'], SECONDS);
  const again = shockedSource(3, START, ['ETH'], SECONDS);
  const shifts = Array.from({ length: SECONDS }, (_, i) => {
    const [shocked, plain] = [source, model].map((one) => one.quoteAt('ETH', START + i)?.price ?? 0n);
    expect(again.quoteAt('ETH', START + i)?.price).toBe(shocked);
    return Math.log(Number(shocked) / Number(plain));
  });
  const steps = shifts.slice(1).map((shift, i) => Math.abs(shift - (shifts[i] ?? 0)));
  // Chainlink follows up to eighteen seconds later: by then less than the distance that halts a market has been gone.
  expect(Math.max(...steps)).toBeLessThanOrEqual(0.08 / 60 + 1e-6);
  const levels = shifts.filter((_, i) => i === 0 || ((steps[i] ?? 1) < 1e-9 && (steps[i - 1] ?? 0) >= 1e-9));
  expect(levels.length).toBeGreaterThanOrEqual(SECONDS / 250);
  for (const [i, level] of levels.slice(1).entries()) {
    expect(Math.abs(level - (levels[i] ?? 0))).toBeGreaterThanOrEqual(0.03 - 1e-6);
    expect(Math.abs(level - (levels[i] ?? 0))).toBeLessThanOrEqual(0.08 + 1e-6);
  }
});
