import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { DifferenceError } from '../../../sdk/test/differential/difference.ts';
import { type Base, devnetBases } from './bases.ts';
import { type Counts, Fuzz } from './fuzz.ts';
import { DECODED } from './judge.ts';

const artifacts = fileURLToPath(new URL('../../../contracts/out-release', import.meta.url));
const UPDATES = 1000;

test('mutated updates are refused alike by SDK and contract, or say what was signed', {
  timeout: 120_000,
}, async () => {
  const fuzz = await Fuzz.create(artifacts, await devnetBases());
  const counts: Counts = {};
  for (let i = 0; i < UPDATES; i++) await fuzz.update(1, i, counts);
  const met = new Set(
    Object.values(counts).flatMap((verdicts) => Object.keys(verdicts).map((one) => one.split(': ')[0])),
  );
  const refusals = ['CutShort', 'Unknown', 'Padded', 'Unproven', 'GuardianSet', 'Quorum', 'Signature', 'Emitter'];
  expect([...met].sort()).toEqual([...refusals.map((one) => `PriceUpdate${one}Error`), DECODED].sort());
});

test('what was not signed is found', async () => {
  const [base] = (await devnetBases()) as [Base];
  base.signers.signed.clear();
  await expect(Fuzz.create(artifacts, [base])).rejects.toThrow(/^Not signed: /);
});

test('a contract that takes fewer signatures than the SDK is found', { timeout: 120_000 }, async () => {
  const bases = await devnetBases();
  const fuzz = await Fuzz.create(artifacts, bases);
  for (const { signers } of bases) signers.trust.quorum = 4;
  const updates = async () => {
    for (let i = 0; i < UPDATES; i++) await fuzz.update(1, i, {});
  };
  await expect(updates()).rejects.toBeInstanceOf(DifferenceError);
});
