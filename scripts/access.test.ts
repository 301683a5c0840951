import { parseAbi } from 'viem';
import { describe, expect, it } from 'vitest';
import { functionsOf, hidden, mismatches } from './access.mjs';

const functions = functionsOf([
  ...parseAbi(['function settle(uint256 market)', 'function pause()', 'function oracle() view returns (address)']),
  { type: 'receive', stateMutability: 'payable' },
]);
const anybody = { who: 'anybody', delay: 'none' };

describe('functionsOf', () => {
  it('tells what changes state from what does not', () => {
    expect(functions.map(({ signature, view }) => [signature, view])).toEqual([
      ['oracle()', true],
      ['pause()', false],
      ['receive', false],
      ['settle(uint256)', false],
    ]);
  });
});

describe('mismatches', () => {
  it('takes a list of exactly what changes state', () => {
    const list = { settle: anybody, receive: anybody, pause: { who: 'GUARDIAN_ROLE', delay: 'none' } };
    expect(mismatches('Engine', functions, list)).toEqual([]);
  });

  it('names what is left out, what is gone and who does not exist', () => {
    const list = { settle: anybody, oracle: anybody, receive: anybody, reset: { who: 'the guardian', delay: 'none' } };
    expect(mismatches('Engine', functions, list)).toEqual([
      'Engine.pause is not in access.json',
      'Engine.oracle of access.json changes no state or is gone',
      'Engine.reset of access.json changes no state or is gone',
      'Engine.reset: "the guardian" is nobody',
    ]);
  });
});

describe('hidden', () => {
  it('names what is asked second for a selector', () => {
    const second = functionsOf(parseAbi(['function pause()', 'function accrue(uint256 market)']));
    expect(hidden('Engine', [functions, second])).toEqual([
      'Engine.pause() is hidden by a function of the same selector',
    ]);
  });
});
