/** Significant digits that a result keeps. */
const MAX_DIGITS = 34;

/** Significant digits to which a division is carried before it is rounded like every result. */
const MAX_QUOTIENT_DIGITS = 100;

/** Bits of a decimal digit, as the number by which digits are guessed is written there. */
const BITS_PER_DIGIT = 3.3219280949;

const MAX_I64 = 2n ** 63n;

/**
 * digits × 10^exp, as graph-node's: the crate `bigdecimal` 0.1.2, every result rounded to 34 significant digits and freed of
 * trailing zeros. Positive ones are rounded half up. Negative ones are truncated, and may keep a 35th digit, because their digits
 * are guessed from their bits. docs/indexing-runtime.md lists what is odd about it.
 */
export class BigDecimal {
  /** Without trailing zeros. */
  readonly digits: bigint;
  readonly exp: number;

  private constructor(digits: bigint, exp: number) {
    [this.digits, this.exp] = [digits, exp];
  }

  /** digits × 10^exp, rounded. */
  static of(digits: bigint, exp: number): BigDecimal {
    if (digits === 0n) return new BigDecimal(0n, 0);
    const surplus = digitsOf(digits) - MAX_DIGITS;
    const unit = tenTo(Math.max(surplus, 0));
    const rounded = withoutZeros(digits / unit + ((digits % unit) * 2n >= unit ? 1n : 0n));
    return new BigDecimal(rounded.digits, exp + Math.max(surplus, 0) + rounded.zeros);
  }

  /** Reads `-12.5`, `.5`, `1e-9`, rounded. @throws {RangeError} when the text is no number. */
  static parse(text: string): BigDecimal {
    const { digits, exp } = read(text);
    return BigDecimal.of(digits, exp);
  }

  /** Reads what {@link toString} wrote; rounding that again could cost a 35th digit. @throws {RangeError} as parse does. */
  static stored(text: string): BigDecimal {
    const { digits, exp } = read(text);
    const significant = withoutZeros(digits);
    return new BigDecimal(significant.digits, digits === 0n ? 0 : exp + significant.zeros);
  }

  plus(other: BigDecimal): BigDecimal {
    const exp = Math.min(this.exp, other.exp);
    return BigDecimal.of(this.at(exp) + other.at(exp), exp);
  }

  minus(other: BigDecimal): BigDecimal {
    const exp = Math.min(this.exp, other.exp);
    return BigDecimal.of(this.at(exp) - other.at(exp), exp);
  }

  times(other: BigDecimal): BigDecimal {
    return BigDecimal.of(this.digits * other.digits, this.exp + other.exp);
  }

  /** Rounded half up in its magnitude at 100 digits first, unless it ends before. @throws {RangeError} when the other is zero. */
  dividedBy(other: BigDecimal): BigDecimal {
    if (other.digits === 0n) throw new RangeError(`attempted to divide BigDecimal \`${this}\` by zero`);
    const [dividend, divisor] = [magnitude(this.digits), magnitude(other.digits)];
    const size = digitsOf(dividend) - digitsOf(divisor);
    const shift = MAX_QUOTIENT_DIGITS - size - (dividend * tenTo(-size) < divisor * tenTo(size) ? 0 : 1);
    const scaled = dividend * tenTo(shift);
    const rest = scaled % divisor;
    const quotient = scaled / divisor + (rest * 2n >= divisor ? 1n : 0n);
    const signed = this.digits < 0n !== other.digits < 0n ? -quotient : quotient;
    const exact = rest === 0n ? withoutZeros(signed) : { digits: signed, zeros: 0 };
    return BigDecimal.of(exact.digits, this.exp - other.exp - shift + exact.zeros);
  }

  /** Below, equal to or above zero as this is below, equal to or above the other; exact. */
  compare(other: BigDecimal): number {
    const exp = Math.min(this.exp, other.exp);
    const [own, others] = [this.at(exp), other.at(exp)];
    return own < others ? -1 : own > others ? 1 : 0;
  }

  /** Plain: without an exponent, with no more digits than it has. */
  toString(): string {
    const sign = this.digits < 0n ? '-' : '';
    const digits = String(magnitude(this.digits));
    if (this.exp >= 0) return sign + digits + '0'.repeat(this.exp);
    const padded = digits.padStart(1 - this.exp, '0');
    return `${sign}${padded.slice(0, this.exp)}.${padded.slice(this.exp)}`;
  }

  /** The digits of the same number at a smaller exponent. */
  private at(exp: number): bigint {
    return this.digits * tenTo(this.exp - exp);
  }
}

const magnitude = (value: bigint) => (value < 0n ? -value : value);

function read(text: string): { digits: bigint; exp: number } {
  const [, base = '', exponent = '0'] = /^([^eE]*)(?:[eE]\+?(.*))?$/s.exec(text) ?? [];
  const [whole = '', fraction = ''] = base.split(/\.(.*)/s);
  const power = /^[+-]?\d+$/.test(exponent) ? BigInt(exponent) : MAX_I64;
  if (power < -MAX_I64 || power >= MAX_I64 || !/^[+-]?\d[\d_]*$/.test(whole + fraction)) {
    throw new RangeError(`'${text}' is no decimal number`);
  }
  return { digits: BigInt((whole + fraction).replaceAll('_', '')), exp: Number(power) - fraction.length };
}

/** Digits without the zeros at their end, and how many those are. */
function withoutZeros(digits: bigint): { digits: bigint; zeros: number } {
  const text = String(digits);
  const significant = digits === 0n ? text : text.replace(/0+$/, '');
  return { digits: BigInt(significant), zeros: text.length - significant.length };
}

/** One where the exponent is not above zero. */
const tenTo = (exponent: number) => 10n ** BigInt(Math.max(exponent, 0));

/** Bits of a number that is not negative, without leading zeros. */
export function bitLength(value: bigint): number {
  const hex = value.toString(16);
  return hex.length * 4 - Math.clz32(Number.parseInt(hex.charAt(0), 16)) + 28;
}

/** Decimal digits; of a negative number guessed from its bits, one too few at times. */
function digitsOf(value: bigint): number {
  return value < 0n ? Math.floor(bitLength(-value) / BITS_PER_DIGIT) : String(value).length;
}
