import type { AnyClient } from '../actions/engine.ts';
import type { GovernedExchange } from './proposalTypes.ts';
import type { Change } from './words.ts';

/** What one action does, in plain words. */
export interface Description {
  /** A line. */
  title: string;
  /** What it does, each a sentence. */
  sentences: string[];
  /** What it changes, as it is now and as it would be. */
  changes: Change[];
  /** What a voter should look at, each a sentence. */
  warnings: string[];
}

/** What describing asks. */
export interface Surroundings {
  client: AnyClient;
  exchange: GovernedExchange;
  blockNumber?: bigint | undefined;
  /** A market as it is called, e.g. "ETH". */
  marketName: (market: bigint) => string;
}

/** Describes the calls of one function by its arguments. */
export type Describe = (args: never, surroundings: Surroundings) => Description | Promise<Description>;

/** A description without what is left out. */
export const described = (title: string, parts: Partial<Omit<Description, 'title'>> = {}): Description => ({
  title,
  sentences: [],
  changes: [],
  warnings: [],
  ...parts,
});
