/** What a position cost to enter, refolded from its fills. The chain keeps only size and cash. */
export interface Entry {
  size: bigint;
  cash: bigint;
  /** Σ cost of what is still open, USD, 30 decimals, signed: + a long paid. */
  cost: bigint;
}

/** A change of one position as the chain told it. Sizes 12 decimals, cost and cash 30. */
export interface PositionChange {
  sizeDelta: bigint;
  cost: bigint;
  /** Size and cash afterwards. */
  size: bigint;
  cash: bigint;
  /** The market's funding index in that transaction, 18 decimals. Needed only where a trade crosses zero. */
  funding: bigint | null;
}

export const noEntry: Entry = { size: 0n, cash: 0n, cost: 0n };

/**
 * Entry after one more change. Opening adds its cost; reducing keeps the share of what stays; crossing zero begins anew
 * at cost = size · funding − cash.
 */
export function foldEntry(entry: Entry, change: PositionChange): Entry {
  const { size, cash } = change;
  if (size === 0n) return noEntry;
  const crossed = entry.size !== 0n && entry.size > 0n !== size > 0n;
  if (crossed) return { size, cash, cost: change.funding === null ? change.cost : size * change.funding - cash };
  const grew = entry.size === 0n || entry.size > 0n === change.sizeDelta > 0n;
  if (grew) return { size, cash, cost: entry.cost + change.cost };
  return { size, cash, cost: (entry.cost * size) / entry.size };
}
