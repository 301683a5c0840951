import { formatUnits } from 'viem';
import { seconds } from '../errors/quantities.ts';
import type { MarketConfig } from '../math/engineTypes.ts';
import type { Terms } from './proposalTypes.ts';

// How a proposal's figures are told.

/** Something that a proposal changes. */
export interface Change {
  name: string;
  /** As it is now; null when there is nothing. */
  before: string | null;
  /** As it would be; null when there would be nothing. */
  after: string | null;
  /** Of both; empty when they have none. */
  unit: string;
}

/** How one figure is told: its name, its decimals on the chain in `unit`, and the unit. */
type Figure = readonly [name: string, decimals: number, unit: string];

const MARKET_FIGURES: Record<Exclude<keyof MarketConfig, 'flags'> | 'keeperFeeCents', Figure> = {
  skewScale: ['Skew scale', 6, 'base units'],
  initialMarginBps: ['Initial margin', 2, '%'],
  maintenanceMarginBps: ['Maintenance margin', 2, '%'],
  marginSlopeBps: ['Margin slope', 4, ''],
  skewCapBps: ['Skew cap', 2, '% of the skew scale'],
  openInterestCapBps: ['Open interest cap', 2, '% of the skew scale'],
  profitWeightBps: ['Unrealised profit that counts when opening', 2, '%'],
  makerFeePpm: ['Maker fee', 4, '%'],
  takerFeePpm: ['Taker fee', 4, '%'],
  penaltyBps: ['Liquidation penalty', 2, '%'],
  accountCapPercent: ['Largest position', 0, '% of the open interest cap'],
  fundingCoefficientBps: ['Funding rate at full skew', 2, '% per hour'],
  fundingCapPpm: ['Largest funding rate', 4, '% per hour'],
  allocationPercent: ['Share of the pool that the market may lock', 0, '%'],
  keeperFeeCents: ['Keeper fee', 2, 'USD'],
};

const TERM_FIGURES: Record<keyof Terms, Figure> = {
  thresholdBps: ['Votes to propose', 2, '% of the supply'],
  votingDelay: ['Voting delay', 0, 's'],
  votingPeriod: ['Voting period', 0, 's'],
  quorumBps: ['Quorum', 2, '% of the counted supply'],
  approvalBps: ['Approval', 2, '% of the votes'],
  timelock: ['Timelock', 0, 's'],
};

type Figures<names extends string> = Record<names, Figure>;

/** What differs between two sets of figures, in the table's order; all of it when there is nothing before. */
function changesOf<names extends string>(
  figures: Figures<names>,
  before: Record<names, bigint> | null,
  after: Record<names, bigint>,
): Change[] {
  return (Object.keys(figures) as names[]).flatMap((key) => {
    if (before?.[key] === after[key]) return [];
    const [name, decimals, unit] = figures[key];
    const told = (value: bigint) => formatUnits(value, decimals);
    return [{ name, before: before && told(before[key]), after: told(after[key]), unit }];
  });
}

type MarketFigures = Omit<MarketConfig, 'flags'> & { keeperFeeCents: bigint };

/** What changes of a market's parameters; all of them when it is new. */
export const marketChanges = (before: MarketFigures | null, after: MarketFigures): Change[] =>
  changesOf(MARKET_FIGURES, before, after);

/** What changes of what proposals of a kind have to pass. */
export const termChanges = (before: Terms, after: Terms): Change[] => changesOf(TERM_FIGURES, before, after);

/** One figure that changes, or stays as it is. */
export const changeOf = (name: string, before: string | null, after: string | null, unit = ''): Change => ({
  name,
  before,
  after,
  unit,
});

/** A change as a sentence. */
export function changeSentence({ name, before, after, unit }: Change): string {
  const told = (value: string) => (unit ? `${value} ${unit}` : value);
  if (before === null) return `${name}: ${told(after ?? 'none')}.`;
  return `${name}: ${told(before)} → ${after === null ? 'none' : told(after)}.`;
}

/** Seconds in the largest unit that they are whole in. */
export function durationWords(time: bigint): string {
  for (const [unit, length] of [
    ['days', 86_400n],
    ['hours', 3600n],
    ['minutes', 60n],
  ] as const) {
    if (time !== 0n && time % length === 0n)
      return time === length ? `1 ${unit.slice(0, -1)}` : `${time / length} ${unit}`;
  }
  return `${time} seconds`;
}

/** Seconds since 1970 as a date; null for zero. */
export const dateWords = (time: bigint): string | null => (time === 0n ? null : seconds(time));
