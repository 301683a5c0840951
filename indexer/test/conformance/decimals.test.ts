import { expect, it } from 'vitest';
import { BigDecimal } from '../../src/bigDecimal.ts';
import { compare, dividedBy, minus, parse, plain, plus, times } from './rationals.ts';

const CASES = process.env.TIDEMARK_LONG ? 1_000_000 : 10_000;

/** The same sequence for the same seed; Marsaglia's xorshift of 32 bits. */
function sequence(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const next = sequence(0x7de3a12c);
const digits = (length: number) => Array.from({ length }, () => next(10)).join('');

/** Where rounding and counting digits change: rows of nines and zeros, powers of two and of five, halves. */
function edge(): string {
  const length = 30 + next(10);
  const made = [
    '9'.repeat(length),
    `1${'0'.repeat(length)}1`,
    String(2n ** BigInt(100 + next(40)) - BigInt(next(2))),
    String(5n ** BigInt(next(60))),
    `${digits(33)}${next(10)}5`,
    `${digits(34)}${'49'.charAt(next(2))}${'9'.repeat(next(5))}`,
  ];
  return made[next(made.length)] as string;
}

function number(): string {
  const whole = next(3) === 0 ? edge() : digits(1 + next(38));
  const fraction = next(2) === 0 ? `.${digits(1 + next(38))}` : '';
  const exponent = next(3) === 0 ? `e${next(80) - 40}` : '';
  return `${next(2) === 0 ? '-' : ''}${whole}${fraction}${exponent}`;
}

const exact = { plus, minus, times, dividedBy, compare };
const operations = Object.keys(exact) as (keyof typeof exact)[];

function disagreement(): string | null {
  const [a, b] = [number(), next(20) === 0 ? '0' : number()];
  const [x, y] = [BigDecimal.parse(a), BigDecimal.parse(b)];
  const [u, v] = [parse(a), parse(b)];
  if (String(x) !== plain(u)) return `${a} is read as ${x}, not as ${plain(u)}`;
  if (String(BigDecimal.stored(String(x))) !== String(x)) return `${x} is not read as it was written`;
  const operation = operations[next(operations.length)] as keyof typeof exact;
  if (operation === 'dividedBy' && v.over === 0n) return null;
  const actual = String(x[operation](y));
  const result = exact[operation](u, v);
  const expected = typeof result === 'number' ? String(result) : plain(result);
  return actual === expected ? null : `${x} ${operation} ${y} is ${actual}, not ${expected}`;
}

it(`agrees with exact fractions in ${CASES.toLocaleString('en')} random operations`, { timeout: 600_000 }, () => {
  const disagreements = Array.from({ length: CASES }, disagreement).filter((one) => one !== null);
  expect(disagreements).toEqual([]);
});

it('counts the digits of a negative number by its bits, so that a 35th may stay', () => {
  const kept = [`-1${'0'.repeat(33)}1`, `-6${'6'.repeat(34)}`].map((text) => String(BigDecimal.parse(text)));
  expect(kept).toEqual([`-1${'0'.repeat(33)}1`, `-6${'6'.repeat(34)}`]);
  expect(String(BigDecimal.parse(`-9${'9'.repeat(34)}`))).toBe(`-${'9'.repeat(34)}0`);
});

it('cannot be divided by zero', () => {
  expect(() => BigDecimal.parse('1').dividedBy(BigDecimal.of(0n, 5))).toThrow(RangeError);
});
