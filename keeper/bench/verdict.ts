import type { Result } from './run.ts';

/** The naive way, at the last tick. */
export interface NaiveResult {
  /** From the question to the list. */
  readonly ms: number;
  readonly calls: number;
  readonly due: number;
  /** Accounts in one of the lists and not in the other. */
  readonly differences: number;
}

export interface Measured extends Result {
  readonly naive: NaiveResult | null;
  /** How many times as long the naive way takes as a tick usually does. */
  readonly ratio: number | null;
}

export const LIMIT_MS = 50;
export const LIMIT_MIB = 1024;

/** What the run falls short of, one line each. */
export function shortcomings({ tickMs, rssMiB, differences, naive }: Measured): string[] {
  const lacking: string[] = [];
  if (tickMs.p99 > LIMIT_MS) lacking.push(`A tick takes ${tickMs.p99} ms in p99: at most ${LIMIT_MS} are to be.`);
  if (rssMiB > LIMIT_MIB) lacking.push(`The process takes ${rssMiB} MiB: at most ${LIMIT_MIB} are to be.`);
  if (differences > 0) lacking.push(`${differences} lists differ from those of the exact model.`);
  if (naive && naive.differences > 0) lacking.push(`The contract's list differs by ${naive.differences} accounts.`);
  return lacking;
}
