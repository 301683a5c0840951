import { min, WAD } from './fixedPoint.ts';

// Fee tiers by trailing volume, in O(1): what an account traded, fading by a thirtieth a day. Volumes are whole hundreds of
// USD. Mirror of FeeMath.sol. Source: docs/mechanism.md#fee-tiers.

export const DAY = 86_400n;
/** A volume's unit as notional, USD, 30 decimals. */
export const VOLUME_UNIT = 100n * 10n ** 30n;
export const MAX_VOLUME = 2n ** 24n - 1n;
/** 29/30, 18 decimals, rounded down. */
export const DAILY_DECAY = 966_666_666_666_666_666n;
/** Days after which nothing of the largest volume is left. */
export const FORGOTTEN = 512n;

/**
 * What of a volume is left after the days between two times: volume · (29/30)^days.
 * @param from Seconds.
 * @param to Seconds, ≥ `from`.
 * @returns Hundreds of USD, rounded down, as is each power on the way.
 */
export function decayed(volume: bigint, from: bigint, to: bigint): bigint {
  const elapsed = to / DAY - from / DAY;
  if (volume === 0n || elapsed === 0n) return volume;
  if (elapsed >= FORGOTTEN) return 0n;
  let factor = WAD;
  let power = DAILY_DECAY;
  for (let left = elapsed; left !== 0n; left >>= 1n) {
    if ((left & 1n) === 1n) factor = (factor * power) / WAD;
    power = (power * power) / WAD;
  }
  return (volume * factor) / WAD;
}

/**
 * A volume with a fill added; it stays at its maximum.
 * @param notional USD, 30 decimals.
 * @returns Hundreds of USD, the fill rounded down.
 */
export function grown(volume: bigint, notional: bigint): bigint {
  return min(volume + notional / VOLUME_UNIT, MAX_VOLUME);
}

/** The tier of a volume: from $5 M 10 %, $25 M 20 %, $100 M 30 %, $500 M 40 %; percent of a trade's fee. */
export function discount(volume: bigint): bigint {
  if (volume < 50_000n) return 0n;
  if (volume < 250_000n) return 10n;
  if (volume < 1_000_000n) return 20n;
  return volume < 5_000_000n ? 30n : 40n;
}
