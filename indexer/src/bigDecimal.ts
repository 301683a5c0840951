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
    const rounded = digits / unit + ((digits % unit) * 2n >= unit ? 1n : 0n);
    const text = String(rounded);
    const significant = text.replace(/0+$/, '');
    return new BigDecimal(BigInt(significant), exp + Math.max(surplus, 0) + text.length - significant.length);
  }

  /** Reads `-12.5`, `.5`, `1e-9`. @throws {RangeError} when the text is no number. */
  static parse(text: string): BigDecimal {
    const [, base = '', exponent = '0'] = /^([^eE]*)(?:[eE]\+?(.*))?$/s.exec(text) ?? [];
    const [whole = '', fraction = ''] = base.split(/\.(.*)/s);
    const power = /^[+-]?\d+$/.test(exponent) ? BigInt(exponent) : MAX_I64;
    if (power < -MAX_I64 || power >= MAX_I64 || !/^[+-]?\d[\d_]*$/.test(whole + fraction)) {
      throw new RangeError(`'${text}' is no decimal number`);
    }
    return BigDecimal.of(BigInt((whole + fraction).replaceAll('_', '')), Number(power) - fraction.length);
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

  /** Rounded half up in its magnitude at 100 digits first. @throws {RangeError} when the other is zero. */
  dividedBy(other: BigDecimal): BigDecimal {
    if (other.digits === 0n) throw new RangeError(`attempted to divide BigDecimal \`${this}\` by zero`);
    const negative = this.digits < 0n !== other.digits < 0n;
    const [dividend, divisor] = [magnitude(this.digits), magnitude(other.digits)];
    const size = digitsOf(dividend) - digitsOf(divisor);
    const shift = MAX_QUOTIENT_DIGITS - size - (dividend * tenTo(-size) < divisor * tenTo(size) ? 0 : 1);
    const scaled = dividend * tenTo(shift);
    const quotient = scaled / divisor + ((scaled % divisor) * 2n >= divisor ? 1n : 0n);
    return BigDecimal.of(negative ? -quotient : quotient, this.exp - other.exp - shift);
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
