import { expect, test } from 'vitest';
import { noticeOf, type StatusFacts } from './status.ts';

const well: StatusFacts = {
  answers: true,
  block: 5n,
  pauseLevel: 0,
  offPeg: false,
  reduceOnly: false,
  priceAge: 1,
  pricesOpen: true,
  priceState: 'Normal',
  historyProblem: false,
  candleProblem: '',
};

test('nothing is said while nothing is wrong', () => {
  expect(noticeOf(well)).toBeNull();
  expect(noticeOf({ ...well, priceAge: null, priceState: null })).toBeNull();
});

test('each trouble has words of its own, and the worst is said', () => {
  const troubles: Partial<StatusFacts>[] = [
    { answers: false },
    { pauseLevel: 2 },
    { pricesOpen: false },
    { priceAge: 31 },
    { priceState: 'Fallback' },
    { priceState: 'Halted' },
    { priceState: 'SequencerDown' },
    { priceState: 'Single' },
    { offPeg: true },
    { pauseLevel: 1 },
    { reduceOnly: true },
    { priceState: 'Strained' },
    { historyProblem: true },
    { candleProblem: 'No candles.' },
  ];
  const said = troubles.map((trouble) => noticeOf({ ...well, ...trouble })?.text);
  expect(said).not.toContain(undefined);
  expect(new Set(said).size).toBe(troubles.length);
  const all = Object.assign({}, well, ...troubles);
  expect(noticeOf(all)?.text).toBe('The chain does not answer; asking again. What is shown is of block 5.');
});
