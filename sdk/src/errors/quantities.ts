import { formatUnits, type Hex, hexToString, trim } from 'viem';

/** USD of 18 decimals, e.g. "$1,234.56"; amounts under a cent keep their digits. */
export function usd(amount: unknown): string {
  const value = BigInt(amount as bigint);
  const size = value < 0n ? -value : value;
  const [whole = '0', fraction = ''] = formatUnits(size, 18).split('.');
  const shown = size >= 10n ** 16n || size === 0n ? fraction.padEnd(2, '0').slice(0, 2) : fraction;
  return `${value < 0n ? '−' : ''}$${BigInt(whole).toLocaleString('en-US')}.${shown}`;
}

/** Seconds, e.g. "62 s"; seconds since 1970 as a date. */
export function seconds(time: unknown): string {
  const value = Number(time);
  return value > 1_000_000_000 ? new Date(value * 1000).toISOString().replace('.000Z', 'Z') : `${value} s`;
}

/** A bytes32 that holds text. */
export function text(word: unknown): string {
  return hexToString(trim(word as Hex, { dir: 'right' }));
}

/** USD of 30 decimals, as {@link usd}. */
export function rawUsd(amount: unknown): string {
  return usd(BigInt(amount as bigint) / 10n ** 12n);
}

/** Base units of 12 decimals. */
export function baseUnits(size: unknown): string {
  return formatUnits(BigInt(size as bigint), 12);
}
