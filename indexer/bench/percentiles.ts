/** The value below which a part of them lies. @param part From 0 to 1. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}

/** Milliseconds to a tenth. */
export const rounded = (milliseconds: number) => Math.round(milliseconds * 10) / 10;
