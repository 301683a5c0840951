/** digits × 10^exp, as graph-node's: `bigdecimal` 0.1.2 at 34 digits. */
export class BigDecimal {
  readonly digits: bigint;
  readonly exp: number;

  private constructor(digits: bigint, exp: number) {
    [this.digits, this.exp] = [digits, exp];
  }

  /** As it comes out of the host: normalised, rounded. */
  static of(digits: bigint, exp: number): BigDecimal {
    return new BigDecimal(digits, exp);
  }
}
