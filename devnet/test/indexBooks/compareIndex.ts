import type { Address } from 'viem';
import { compareAccounts } from './accountBooks.ts';
import { compareDays, type DayEnd, marketsOf, type TimedLog } from './dayBooks.ts';
import { type Difference, Differences } from './differences.ts';
import { EngineSlots } from './engineSlots.ts';
import { type Ask, IndexState } from './indexQueries.ts';
import { compareMarkets, comparePool } from './marketBooks.ts';
import type { ReadWord } from './storage.ts';

const DAY = 86_400n;

/** The chain that an index is compared with. */
export interface ComparedChain {
  /** The block that is compared, and when it was. */
  readonly block: bigint;
  readonly time: bigint;
  /** Words as that block left them. */
  readonly word: ReadWord;
  /** Words as the last block before a time left them; null when there is none. */
  wordBefore(time: bigint): Promise<ReadWord | null>;
  /** The engine's logs up to that block. */
  logs(): Promise<readonly TimedLog[]>;
}

export interface Comparison {
  readonly compared: number;
  readonly differences: readonly Difference[];
}

/**
 * Rebuilds the exchange's books from the index alone and compares them with the contracts' storage, to the last digit. The
 * reserves have to be divided in the block that is compared, or after the last fee: events tell them only then.
 */
export async function compareIndex(
  chain: ComparedChain,
  deployment: { readonly engine: Address; readonly vault: Address },
  ask: Ask,
): Promise<Comparison> {
  const index = new IndexState(ask, chain.block);
  const slots = new EngineSlots(deployment, chain.word);
  const differences = new Differences();
  const totals = await slots.totals();
  const markets = await marketsOf(slots, totals);
  const margins = await compareAccounts(index, slots, BigInt(markets.length), differences);
  await compareMarkets(index, markets, differences);
  const escrow = markets.reduce((sum, market) => sum + market.escrow, 0n);
  await comparePool(index, slots, totals, { margins, escrow }, differences);
  const logs = await chain.logs();
  const ends: DayEnd[] = [];
  const first = logs[0]?.time ?? chain.time;
  for (let start = first - (first % DAY); start <= chain.time; start += DAY) {
    const word = start + DAY > chain.time ? chain.word : await chain.wordBefore(start + DAY);
    if (word) ends.push({ start, slots: new EngineSlots(deployment, word) });
  }
  await compareDays(index, ends, logs, differences);
  return { compared: differences.compared, differences: differences.found };
}

/** A line for each difference, at most as many as can be read. */
export const differenceLines = ({ differences }: Comparison, most = 20): string[] => [
  ...differences
    .slice(0, most)
    .map(({ what, index, chain }) => `${what}: ${index} in the index, ${chain} on the chain`),
  ...(differences.length > most ? [`and ${differences.length - most} more`] : []),
];
