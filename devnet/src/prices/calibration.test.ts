import { expect, test } from 'vitest';
import { generator, normal } from '../random.ts';
import { estimate, likeness, minuteDays } from './calibration.ts';
import { EPOCH, type Law, modelSource } from './model.ts';

const LAW: Law = {
  logVolatility: -3.2,
  volatilitySpread: 0.5,
  volatilityPersistence: 0.7,
  hourSpread: 0.3,
  jumpsPerDay: 12,
  jumpSize: 4,
};
const minutes = (days: number) => Array.from({ length: days * 1440 }, (_, i) => EPOCH + 60 * i);

function simulated(law: Law, days: number) {
  const source = modelSource(7, EPOCH, ['ETH'], { ETH: law });
  return minuteDays(
    minutes(days).map((time) => [time, { close: Number(source.quoteAt('ETH', time)?.price) }] as const),
  );
}

test('the law behind simulated days is recovered', () => {
  const found = estimate(simulated(LAW, 600));
  expect(Math.abs(found.logVolatility - LAW.logVolatility)).toBeLessThan(0.1);
  expect(Math.abs(found.volatilitySpread - LAW.volatilitySpread)).toBeLessThan(0.05);
  expect(Math.abs(found.volatilityPersistence - LAW.volatilityPersistence)).toBeLessThan(0.07);
  expect(Math.abs(found.hourSpread - LAW.hourSpread)).toBeLessThan(0.02);
  expect(Math.abs(found.jumpsPerDay - LAW.jumpsPerDay)).toBeLessThan(1.5);
  expect(Math.abs(found.jumpSize - LAW.jumpSize)).toBeLessThan(0.3);
});

test('a plain random walk has its volatility, and neither spread nor jumps', () => {
  const uniform = generator(3);
  let log = 0;
  const found = estimate(
    minuteDays(
      minutes(60).map((time) => {
        log += 0.001 * normal(uniform);
        return [time, { close: Math.exp(log) }] as const;
      }),
    ),
  );
  expect(Math.exp(found.logVolatility)).toBeCloseTo(0.001 * Math.sqrt(1440), 3);
  expect(found.volatilitySpread).toBeLessThan(0.04);
  expect(found.hourSpread).toBeLessThan(0.04);
  expect(found.jumpsPerDay).toBeLessThan(0.2);
});

test('a crash of one minute is a jump, not volatility', () => {
  const [calm, crashed] = [simulated({ ...LAW, jumpsPerDay: 0 }, 40), simulated({ ...LAW, jumpsPerDay: 0 }, 40)];
  for (const { logs } of crashed) for (let i = 700; i < 1440; i++) logs[i] = (logs[i] ?? 0) - 0.1;
  const [before, after] = [estimate(calm), estimate(crashed)];
  expect(Math.abs(after.logVolatility - before.logVolatility)).toBeLessThan(0.01);
  expect(after.jumpSize).toBeGreaterThan(30);
  expect(Math.abs(after.jumpsPerDay - 1)).toBeLessThan(0.2);
});

test('days with many missing minutes are left out, and a gap is no move', () => {
  const bars = minutes(2)
    .map((time) => [time, { close: time < EPOCH + 30_000 ? 100 : 200 }] as const)
    .filter(([time]) => time < EPOCH + 29_400 || (time > EPOCH + 31_000 && time < EPOCH + 86_400 + 60_000));
  const days = minuteDays(bars);
  expect(days.map(({ day }) => day)).toEqual([EPOCH / 86_400]);
  expect(likeness(days)).toMatchObject({ move: [0, 0, 0, 0, 0], wide: 1, far: 1 });
});
