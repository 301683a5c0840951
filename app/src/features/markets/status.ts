import type { PriceState } from '../../data/oracle.ts';
import { MAX_PRICE_AGE } from '../../data/prices.ts';

/** Why a price is not good enough for an order, and what to do; null where orders settle. */
export function priceRefusal(state: PriceState): { reason: string; next: string } | null {
  switch (state) {
    case 'Normal':
    case 'Strained':
    case 'Guarded':
      return null;
    case 'Single':
      return {
        reason: 'Chainlink does not answer, so that no order settles.',
        next: 'Wait until it does; closing at once works, 0.30% worse.',
      };
    case 'Fallback':
      return { reason: 'The price is not credible at present.', next: 'Wait for the next one.' };
    case 'Halted':
      return { reason: 'Pyth and Chainlink disagree too far: the market is halted.', next: 'Wait until they agree.' };
    case 'SequencerDown':
      return {
        reason: 'The chain’s sequencer was down until minutes ago.',
        next: 'Orders settle ten minutes after its return; closing at once works.',
      };
  }
}

/** While USDC is off its peg, and what to do. */
export const OFF_PEG = {
  reason: 'USDC is off its peg, so that nothing opens.',
  next: 'Wait until it is worth a dollar again; positions can be reduced and closed, margin withdrawn.',
};

/** What can be wrong with what the page shows. */
export interface StatusFacts {
  /** Whether the chain answers. */
  answers: boolean;
  /** Newest block read; null before the first. */
  block: bigint | null;
  pauseLevel: number;
  offPeg: boolean;
  /** Whether this market may only be reduced. */
  reduceOnly: boolean;
  /** Chain seconds; null while there is no price. */
  priceAge: number | null;
  /** Whether the price stream stands. */
  pricesOpen: boolean;
  priceState: PriceState | null;
  /** Whether the last try to read the account's events failed. */
  historyProblem: boolean;
  /** Of the chart's candles; empty when there is none. */
  candleProblem: string;
}

/** @returns The worst thing that is wrong, in words with what to do; null when nothing is. */
export function noticeOf(facts: StatusFacts): { tone: 'down' | 'warn'; text: string } | null {
  const { answers, block, pauseLevel, priceAge, pricesOpen, priceState } = facts;
  const down = (text: string) => ({ tone: 'down', text }) as const;
  const warn = (text: string) => ({ tone: 'warn', text }) as const;
  if (!answers) {
    const shown = block === null ? '' : ` What is shown is of block ${block.toLocaleString('en-US')}.`;
    return down(`The chain does not answer; asking again.${shown}`);
  }
  if (pauseLevel === 2) return down('The exchange is halted: only deposits work. Wait until it resumes.');
  if (!pricesOpen) return down('The price stream is lost; connecting again. What is shown may be out of date.');
  if (priceAge !== null && priceAge > MAX_PRICE_AGE) {
    return down(`The newest price is ${priceAge} s old. No order is taken until a fresh one arrives.`);
  }
  const refusal = priceState && priceRefusal(priceState);
  if (refusal) return down(`${refusal.reason} ${refusal.next}`);
  if (facts.offPeg) return warn(`${OFF_PEG.reason} ${OFF_PEG.next}`);
  if (pauseLevel === 1) return warn('No new risk is taken at present: positions can be reduced and closed only.');
  if (facts.reduceOnly) return warn('This market is being closed down: positions can be reduced and closed only.');
  if (priceState === 'Strained') return warn('Pyth and Chainlink disagree: fills pay the worse of both.');
  if (priceState === 'Guarded')
    return warn('The price is unsure or moves too fast: positions can be reduced and closed only.');
  if (facts.historyProblem) return warn('The chain’s events cannot be read: orders and entry prices may be missing.');
  return facts.candleProblem ? warn(facts.candleProblem) : null;
}
