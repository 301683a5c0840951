import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { CASES, casesOf, FAMILIES } from './cases.ts';

describe.each(Object.entries(FAMILIES))('%s', (name, { vector }) => {
  const file = fileURLToPath(new URL(`../../../vectors/${name}.json`, import.meta.url));
  const { arity, inputs, outputs } = JSON.parse(readFileSync(file, 'utf8')) as {
    arity: [number, number];
    inputs: string[];
    outputs: string[];
  };

  test('every case gives the outputs on file', () => {
    expect(inputs.length).toBe(CASES * arity[0]);
    for (let i = 0; i < CASES; i++) {
      const given = inputs.slice(i * arity[0], (i + 1) * arity[0]).map(BigInt);
      const expected = outputs.slice(i * arity[1], (i + 1) * arity[1]).map(BigInt);
      expect(vector(given), `case ${i}`).toEqual(expected);
    }
  });

  test('the file is what "npm run vectors" writes', () => {
    expect(casesOf(name).flatMap((one) => one.inputs.map(String))).toEqual(inputs);
  });
});
