import { courseFrom } from './course.ts';
import { type Feeds, feedsOf } from './feeds.ts';
import { marketOf } from './market.ts';

// Courses that tests write down: no market data.

/** A full hour. */
export const START = 1_700_002_800;
/** Of a quiet day. */
const QUIET = 3.5e-4;

/** USD at a second since the start; zero while a venue is out. */
type PriceAt = (second: number) => number;

/** Feeds of ETH on two venues. @param perMinute The volatility, which widens Pyth's confidence. */
export function feedsAt(seconds: number, first: PriceAt, second: PriceAt = first, perMinute = QUIET): Feeds {
  const of = (priceAt: PriceAt) => Array.from({ length: seconds }, (_, i) => priceAt(i));
  const course = courseFrom(START, of(first), perMinute);
  return feedsOf('ETH', course, Float64Array.from(of(second)), marketOf('ETH').chainlink, 1);
}
