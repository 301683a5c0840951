import { expect, it } from 'vitest';
import { parseJson } from './json.ts';

const bytes = (text: string) => new Uint8Array(Buffer.from(text));

it('reads 10 MB and refuses more', () => {
  expect(parseJson(bytes(`1${' '.repeat(9_999_999)}`))).toBe('n1');
  expect(() => parseJson(bytes(`1${' '.repeat(10_000_000)}`))).toThrow(/exceed the limit of 10000000/);
});
