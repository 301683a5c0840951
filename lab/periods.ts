/** A stretch of real market that is replayed. */
export interface Period {
  /** As on the command line. */
  readonly name: string;
  readonly title: string;
  /** Unix seconds. */
  readonly from: number;
  readonly days: number;
  /** The markets with a history of it. */
  readonly symbols: readonly string[];
  readonly spread: SpreadTarget;
}

/** What the distance of the sources is to be like: shares of the lower price. */
export interface SpreadTarget {
  /** Of the venues' spread to the price's own volatility, at least. */
  readonly leastScale: number;
  /** 99th percentile, at least and at most. */
  readonly percentile: readonly [number, number];
  /** The largest, at least and at most. */
  readonly peak: readonly [number, number];
}

/** What was measured in crashes: a 99th percentile of 2 to 5 %, peaks of 4 to 10 %. */
const CRASH: SpreadTarget = { leastScale: 1, percentile: [0.02, 0.05], peak: [0.04, 0.1] };
/** And in a calm week of ETH: 19 bp. */
const CALM: SpreadTarget = { leastScale: 0.25, percentile: [0.0019, 0.0025], peak: [0, 0.04] };

const day = (year: number, month: number, date: number) => Date.UTC(year, month - 1, date) / 1000;

export const PERIODS: readonly Period[] = [
  {
    name: '2020-03-12',
    title: '12 March 2020',
    from: day(2020, 3, 12),
    days: 1,
    symbols: ['ETH', 'BTC'],
    spread: CRASH,
  },
  {
    name: '2021-05-19',
    title: '19 May 2021',
    from: day(2021, 5, 19),
    days: 1,
    symbols: ['ETH', 'BTC', 'LINK'],
    spread: CRASH,
  },
  {
    name: '2021-12-04',
    title: '4 December 2021',
    from: day(2021, 12, 4),
    days: 1,
    symbols: ['ETH', 'BTC'],
    spread: CRASH,
  },
  {
    name: 'ftx',
    title: 'the week of FTX, 7 to 13 November 2022',
    from: day(2022, 11, 7),
    days: 7,
    symbols: ['ETH', 'SOL'],
    spread: CRASH,
  },
  {
    name: 'calm',
    title: 'a calm week, 17 to 23 April 2023',
    from: day(2023, 4, 17),
    days: 7,
    symbols: ['ETH'],
    spread: CALM,
  },
];
