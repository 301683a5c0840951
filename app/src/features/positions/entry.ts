/** What a position cost to enter, refolded from its fills. The chain keeps only size and cash. */
export interface Entry {
  size: bigint;
  cash: bigint;
  /** Σ cost of what is still open, USD, 30 decimals, signed: + a long paid. */
  cost: bigint;
  /** Fees paid for what is still open, the keeper's included, USD, 18 decimals. */
  fees: bigint;
}

/** A change of one position as the chain told it. Sizes 12 decimals, cost and cash 30, fee 18. */
export interface PositionChange {
  sizeDelta: bigint;
  cost: bigint;
  fee: bigint;
  /** Size and cash afterwards. */
  size: bigint;
  cash: bigint;
  /** The market's funding index in that transaction, 18 decimals. Needed only where a trade crosses zero. */
  funding: bigint | null;
}

export const noEntry: Entry = { size: 0n, cash: 0n, cost: 0n, fees: 0n };

/**
 * Entry after one more change. Opening adds its cost and fee; reducing keeps the share of what stays, its own fee being
 * the closed part's; crossing zero begins anew at cost = size · funding − cash, with the fee's share of what was opened.
 */
export function foldEntry(entry: Entry, change: PositionChange): Entry {
  const { size, cash, sizeDelta, funding } = change;
  if (size === 0n) return noEntry;
  const crossed = entry.size !== 0n && entry.size > 0n !== size > 0n;
  if (crossed) {
    const cost = funding === null ? change.cost : size * funding - cash;
    return { size, cash, cost, fees: (change.fee * size) / sizeDelta };
  }
  const grew = entry.size === 0n || entry.size > 0n === sizeDelta > 0n;
  if (grew) return { size, cash, cost: entry.cost + change.cost, fees: entry.fees + change.fee };
  return { size, cash, cost: (entry.cost * size) / entry.size, fees: (entry.fees * size) / entry.size };
}
