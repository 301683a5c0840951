import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { Chain } from './chain.ts';
import { compareStorage } from './compare.ts';
import { DifferenceError } from './difference.ts';
import { Fuzz, noCounts } from './fuzz.ts';
import { deploy } from './world.ts';

const artifacts = fileURLToPath(new URL('../../../contracts/out', import.meta.url));

test('random sequences leave the same words on the contracts and in the model', { timeout: 120_000 }, async () => {
  const fuzz = await Fuzz.create(artifacts);
  const counts = noCounts();
  for (let seed = 1; seed <= 60; seed++) await fuzz.sequence(seed, counts);
  expect(counts.sequences).toBe(60);
  expect(counts.succeeded / counts.operations).toBeGreaterThan(0.5);
  expect(counts.previews).toBeGreaterThan(10);
});

test('a word that differs is found', async () => {
  const chain = await Chain.create(artifacts);
  const { at, world } = await deploy(chain);
  const lacking = { ...world, engine: { ...world.engine, custody: 1n } };
  expect(() => compareStorage(chain, at, lacking)).toThrow(DifferenceError);
  const without = { ...world, engine: { ...world.engine, roles: new Set<string>() } };
  expect(() => compareStorage(chain, at, without)).toThrow(DifferenceError);
});
