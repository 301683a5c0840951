/** The one place where numbers become text and text becomes numbers. Everything is bigint; nothing passes a float. */

export type Rounding = 'nearest' | 'floor' | 'ceil';

export const MINUS = '−';

function divide(value: bigint, by: bigint, rounding: Rounding): bigint {
  const floor = value / by - (value % by < 0n ? 1n : 0n);
  const rest = value - floor * by;
  if (rounding === 'floor' || rest === 0n) return floor;
  if (rounding === 'ceil') return floor + 1n;
  return rest * 2n >= by ? floor + 1n : floor;
}

/** A number with 18 decimals, of which only `digits` are not zero. */
export function roundTo(value: bigint, digits: number, rounding: Rounding): bigint {
  const step = 10n ** BigInt(18 - digits);
  return divide(value, step, rounding) * step;
}

/**
 * A fixed-point number with grouped thousands and exactly `digits` decimals.
 * @param value Scaled by 10^`scale`.
 */
export function formatFixed(value: bigint, scale: number, digits: number, rounding: Rounding = 'nearest'): string {
  const scaled =
    digits <= scale ? divide(value, 10n ** BigInt(scale - digits), rounding) : value * 10n ** BigInt(digits - scale);
  const magnitude = (scaled < 0n ? -scaled : scaled).toString().padStart(digits + 1, '0');
  const whole = magnitude.slice(0, magnitude.length - digits).replace(/\B(?=(\d{3})+$)/g, ',');
  const fraction = digits === 0 ? '' : `.${magnitude.slice(-digits)}`;
  return `${scaled < 0n ? MINUS : ''}${whole}${fraction}`;
}

/** USD with 18 decimals as `$1,234.56`. */
export function formatUsd(value: bigint, digits = 2, rounding: Rounding = 'nearest'): string {
  const text = formatFixed(value, 18, digits, rounding);
  return text.startsWith(MINUS) ? `${MINUS}$${text.slice(1)}` : `$${text}`;
}

/** USD with its sign always shown: `+$1.00`, `−$1.00`, `$0.00`. */
export function formatSignedUsd(value: bigint, digits = 2): string {
  const text = formatUsd(value, digits);
  return value > 0n && /[1-9]/.test(text) ? `+${text}` : text;
}

/** USD shortened for a headline: `$41.7M`. */
export function formatCompactUsd(value: bigint): string {
  const units: [bigint, string][] = [
    [1_000_000_000n, 'B'],
    [1_000_000n, 'M'],
    [1_000n, 'K'],
  ];
  for (const [unit, letter] of units) {
    if (value >= unit * 10n ** 18n) return `$${formatFixed(value / unit, 18, 2, 'floor')}${letter}`;
  }
  return formatUsd(value, 0, 'floor');
}

/** A ratio with 18 decimals (1e18 = 100 %) with its sign: `+0.0031%`. */
export function formatPercent(ratio: bigint, digits: number, signed = true): string {
  const text = formatFixed(ratio * 100n, 18, digits);
  return `${signed && ratio > 0n ? '+' : ''}${text}%`;
}

/** Trims zeros that say nothing: `0.5000` → `0.5`. */
export function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** Base units with 12 decimals, trimmed. */
export function formatSize(size: bigint, digits: number): string {
  return trimZeros(formatFixed(size < 0n ? -size : size, 12, digits, 'floor'));
}

/** Plain digits for an input: no grouping, trimmed. */
export function toInput(value: bigint, scale: number, digits: number, rounding: Rounding = 'floor'): string {
  return trimZeros(formatFixed(value, scale, digits, rounding).replaceAll(',', '').replace(MINUS, '-'));
}

/**
 * Reads what somebody typed.
 * @returns The number scaled by 10^`scale`, or null when it is not a plain non-negative decimal of at most `scale` digits.
 */
export function parseFixed(text: string, scale: number): bigint | null {
  const match = /^(\d*)(?:\.(\d*))?$/.exec(text.trim().replaceAll(',', ''));
  if (!match) return null;
  const [, whole = '', fraction = ''] = match;
  if (whole === '' && fraction === '') return null;
  if (fraction.length > scale) return null;
  return BigInt(whole + fraction.padEnd(scale, '0'));
}

/** Seconds as `24:18` or `1:02:03`. */
export function formatClock(seconds: number): string {
  const pair = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return hours > 0 ? `${hours}:${pair(minutes)}:${pair(rest)}` : `${pair(minutes)}:${pair(rest)}`;
}

/** Chain seconds as UTC `05-19 13:04:07`. */
export function formatTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(5, 19).replace('T', ' ');
}

export function shortAddress(address: string): string {
  return `${address.slice(0, 6)}…${address.slice(-4)}`;
}
