// The arithmetic of the ledger, mirror of FixedPoint.sol: every multiply-divide names its rounding. Divisors are not zero.

export const WAD = 10n ** 18n;
/** Raw cash (30 decimals) per wad of money. */
export const RAW_PER_WAD = 10n ** 12n;
export const BPS = 10_000n;
export const PPM = 1_000_000n;
/** Wad per USDC unit. */
export const ASSET_SCALE = 10n ** 12n;

/** a · b / d of unsigned values, rounded down. */
export function mulDivDown(a: bigint, b: bigint, d: bigint): bigint {
  return (a * b) / d;
}

/** a · b / d of unsigned values, rounded up. */
export function mulDivUp(a: bigint, b: bigint, d: bigint): bigint {
  return divUp(a * b, d);
}

/** a · b / d of signed a and b, rounded toward +∞. */
export function mulDivCeil(a: bigint, b: bigint, d: bigint): bigint {
  const product = a * b;
  return product > 0n ? (product - 1n) / d + 1n : product / d;
}

/** a · b / d of signed a and b, rounded toward zero. */
export function mulDivTrunc(a: bigint, b: bigint, d: bigint): bigint {
  return (a * b) / d;
}

/** a / d of unsigned values, rounded up. */
export function divUp(a: bigint, d: bigint): bigint {
  return a === 0n ? 0n : (a - 1n) / d + 1n;
}

/** a / d of a signed a, rounded toward −∞. */
export function divFloor(a: bigint, d: bigint): bigint {
  const quotient = a / d;
  return a < 0n && quotient * d !== a ? quotient - 1n : quotient;
}

/** The square root of an unsigned value, rounded down. */
export function sqrt(a: bigint): bigint {
  if (a < 2n) return a;
  let root = 1n << BigInt((a.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + a / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** Magnitude of a. */
export function abs(a: bigint): bigint {
  return a < 0n ? -a : a;
}

export function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

export function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

/** a limited to [lo, hi]. */
export function clamp(a: bigint, lo: bigint, hi: bigint): bigint {
  return a < lo ? lo : a > hi ? hi : a;
}
