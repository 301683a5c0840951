// What graph-node's decimals should come to, computed in exact fractions. It shares no code with the runtime's: where both agree,
// neither has slipped.

/** A fraction in lowest terms, its denominator above zero. */
export interface Rational {
  readonly over: bigint;
  readonly under: bigint;
}

export function rational(over: bigint, under = 1n): Rational {
  let [a, b] = [over < 0n ? -over : over, under < 0n ? -under : under];
  while (b !== 0n) [a, b] = [b, a % b];
  const sign = under < 0n ? -1n : 1n;
  return { over: (sign * over) / a, under: (sign * under) / a };
}

const ten = (power: number): Rational =>
  power < 0 ? { over: 1n, under: 10n ** BigInt(-power) } : { over: 10n ** BigInt(power), under: 1n };

const add = (x: Rational, y: Rational) => rational(x.over * y.under + y.over * x.under, x.under * y.under);
const multiply = (x: Rational, y: Rational) => rational(x.over * y.over, x.under * y.under);
const invert = (x: Rational) => rational(x.under, x.over);
const negate = (x: Rational) => rational(-x.over, x.under);

/** x × 10^scale, rounded down. */
function floor({ over, under }: Rational, scale = 0): bigint {
  const [a, b] = scale < 0 ? [over, under * 10n ** BigInt(-scale)] : [over * 10n ** BigInt(scale), under];
  const whole = a / b;
  return a % b < 0n ? whole - 1n : whole;
}

/** Digits behind the point that a number needs; below zero where it ends in zeros before it. Null when it never ends. */
export function places(x: Rational): number | null {
  if (x.over === 0n) return 0;
  let [rest, twos, fives] = [x.under, 0, 0];
  for (; rest % 2n === 0n; rest /= 2n) twos++;
  for (; rest % 5n === 0n; rest /= 5n) fives++;
  if (rest !== 1n) return null;
  let needed = Math.max(twos, fives);
  if (needed > 0) return needed;
  for (let whole = x.over; whole % 10n === 0n; whole /= 10n) needed--;
  return needed;
}

/**
 * Rounds to 34 digits by graph-node's rules. A positive number: half up. A negative one: towards zero, and its digits are counted
 * wrongly: as the whole of its bits divided by 3.3219280949, so that one of 35 digits may pass for one of 34.
 * @param scale The power of ten that makes it the integer whose digits are counted.
 */
function round(x: Rational, scale: number): Rational {
  const integer = floor(x, scale);
  const digits = integer < 0n ? Math.floor((-integer).toString(2).length / 3.3219280949) : integer.toString().length;
  if (digits <= 34) return x;
  const unit = ten(digits - 34 - scale);
  const units = multiply(x, invert(unit));
  const whole = x.over < 0n ? -floor(negate(units)) : floor(add(units, rational(1n, 2n)));
  return multiply(rational(whole), unit);
}

const scaleOf = (x: Rational) => places(x) ?? 0;

/** Sums are held at as many places as the longer of both has. */
export const plus = (x: Rational, y: Rational) => round(add(x, y), Math.max(scaleOf(x), scaleOf(y)));

export const minus = (x: Rational, y: Rational) => plus(x, negate(y));

/** Products are held at as many places as both have together. */
export const times = (x: Rational, y: Rational) => round(multiply(x, y), scaleOf(x) + scaleOf(y));

/** Quotients that end within 100 digits are held as they are, others rounded there half up in magnitude. */
export function dividedBy(x: Rational, y: Rational): Rational {
  const quotient = multiply(x, invert(y));
  const magnitude = quotient.over < 0n ? negate(quotient) : quotient;
  let scale = 98 - String(magnitude.over).length + String(magnitude.under).length;
  while (magnitude.over > 0n && floor(magnitude, scale) < 10n ** 99n) scale++;
  const needed = places(quotient);
  if (needed !== null && needed <= scale) return round(quotient, needed);
  const whole = floor(add(multiply(magnitude, ten(scale)), rational(1n, 2n)));
  return round(multiply(rational(quotient.over < 0n ? -whole : whole), ten(-scale)), scale);
}

export function compare(x: Rational, y: Rational): number {
  const { over } = add(x, negate(y));
  return over < 0n ? -1 : over > 0n ? 1 : 0;
}

/** Reads sign, digits, point and exponent; the digits as they stand there are those that are counted. */
export function parse(text: string): Rational {
  const at = /^(-?)(\d*)(?:\.(\d*))?(?:e(-?\d+))?$/.exec(text);
  if (!at) throw new Error(`${text} is no case of this`);
  const [, sign, whole = '', fraction = '', exponent = '0'] = at;
  const scale = fraction.length - Number(exponent);
  const magnitude = multiply(rational(BigInt(whole + fraction)), ten(-scale));
  return round(sign ? negate(magnitude) : magnitude, scale);
}

/** All of its digits, without an exponent. */
export function plain(x: Rational): string {
  const behind = Math.max(scaleOf(x), 0);
  const magnitude = x.over < 0n ? negate(x) : x;
  const digits = floor(magnitude, behind)
    .toString()
    .padStart(behind + 1, '0');
  const point = digits.length - behind;
  return `${x.over < 0n ? '-' : ''}${digits.slice(0, point)}${behind > 0 ? `.${digits.slice(point)}` : ''}`;
}
