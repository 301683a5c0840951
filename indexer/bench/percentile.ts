/** Of at least one value, by the nearest rank; one decimal. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new Error('There is nothing to measure.');
  return Math.round(10 * value) / 10;
}
