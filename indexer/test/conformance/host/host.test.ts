import { describe, expect, it } from 'vitest';
import { abiCases } from './cases/abi.ts';
import { endingCases } from './cases/endings.ts';
import type { HostCase } from './cases/hostCase.ts';
import { decimalCases, integerCases } from './cases/numbers.ts';
import { conversionCases, jsonCases } from './cases/texts.ts';
import './suites/chain.ts';
import './suites/store.ts';
import { outcome, testMappings } from './testHost.ts';

const mappings = testMappings();

const groups: readonly (readonly [name: string, cases: readonly HostCase[]])[] = [
  ['an integer', integerCases],
  ['a decimal', decimalCases],
  ['a conversion', conversionCases],
  ['JSON', jsonCases],
  ['an ABI', abiCases],
  ['a handler', endingCases],
];

for (const [name, cases] of groups) {
  describe(name, () => {
    it.each(cases)('%s', (_, handler, texts, expected) => {
      const actual = outcome(mappings, handler, texts);
      if (typeof expected === 'string') expect(actual).toBe(expected);
      else {
        expect(actual).toMatch(/^HandlerFailed /);
        expect(actual).toMatch(expected);
      }
    });
  });
}

it('has at least 120 cases', () => {
  expect(groups.flatMap(([, cases]) => cases).length).toBeGreaterThanOrEqual(120);
});
