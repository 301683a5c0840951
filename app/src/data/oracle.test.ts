import { expect, test } from 'vitest';
import { judgePrice, type PriceSources, stateOf } from './oracle.ts';
import { anchorOf, sequencerOf } from './sources.ts';

const wad = 10n ** 18n;
const price = 2_000n * wad;
const tick = { price, confidence: price / 4_000n, publishTime: 1_000 };
const sources: PriceSources = {
  bounds: { thresholdPpm: 5_000n, haltPpm: 50_000n, strainConfidencePpm: 10_000n },
  floor: wad,
  ceiling: 10n ** 6n * wad,
  anchor: { value: price, confidence: 0n, time: 990n },
  sequencer: 'up',
};
const against = (factor: bigint): PriceSources => ({
  ...sources,
  anchor: { ...sources.anchor, value: (price * factor) / 1_000n },
});
const state = (changed: Partial<PriceSources>) => stateOf(judgePrice(tick, { ...sources, ...changed }));

test('agreeing sources: the band is max(2 · confidence, 1 bp)', () => {
  expect(judgePrice(tick, sources)).toEqual({
    mid: price,
    lo: price - wad,
    hi: price + wad,
    halfWidth: wad,
    publishTime: 1_000n,
    state: 0,
  });
  const sure = { ...tick, confidence: 1n };
  expect(judgePrice(sure, sources).hi - price).toBe(price / 10_000n);
});

test('strained sources: the band reaches the worse of both with its threshold', () => {
  const { lo, hi } = judgePrice(tick, against(1_030n));
  expect(stateOf(judgePrice(tick, against(1_030n)))).toBe('Strained');
  expect({ lo, hi }).toEqual({ lo: price - wad, hi: 2_060n * wad + (2_060n * wad * 5n) / 1_000n });
});

test('what acts at once is priced at both sources even while they agree', () => {
  const near = against(1_002n);
  expect(stateOf(judgePrice(tick, near))).toBe('Normal');
  expect(judgePrice(tick, near, true).hi).toBe(2_004n * wad + wad);
});

test('each trouble has its state, the sequencer first', () => {
  expect(state(against(1_060n))).toBe('Halted');
  expect(state({ anchor: { value: 0n, confidence: 0n, time: 0n } })).toBe('Single');
  expect(state({ sequencer: 'grace' })).toBe('SequencerDown');
  expect(state({ sequencer: 'down', anchor: against(1_060n).anchor })).toBe('SequencerDown');
  expect(state({ sequencer: 'unreadable' })).toBe('Single');
  expect(state({ floor: price + 1n })).toBe('Fallback');
  expect(stateOf(judgePrice({ ...tick, confidence: price / 10n }, sources))).toBe('Fallback');
  expect(stateOf(judgePrice({ ...tick, confidence: 0n }, sources))).toBe('Fallback');
});

const feed = {
  pythId: '0x00',
  chainlink: '0x00',
  heartbeat: 1_200,
  thresholdPpm: 5_000,
  haltPpm: 50_000,
  strainConfidencePpm: 10_000,
  decimals: 8,
  floor: wad,
  ceiling: 10n ** 6n * wad,
} as const;

test('an answer counts for 1.1 heartbeats and within its bounds', () => {
  const round = { answer: 2_000n * 10n ** 8n, startedAt: 0, updatedAt: 10_000 };
  expect(anchorOf(round, feed, 11_320)).toEqual({ value: price, confidence: 0n, time: 10_000n });
  expect(anchorOf(round, feed, 11_321).value).toBe(0n);
  expect(anchorOf(round, feed, 9_999).value).toBe(0n);
  expect(anchorOf({ ...round, answer: 10n ** 7n }, feed, 10_000).value).toBe(0n);
  expect(anchorOf(null, feed, 10_000).value).toBe(0n);
});

test('the sequencer is trusted again ten minutes after its return', () => {
  const round = { answer: 0n, startedAt: 1_000, updatedAt: 1_000 };
  expect(sequencerOf(round, 1_599)).toBe('grace');
  expect(sequencerOf(round, 1_600)).toBe('up');
  expect(sequencerOf({ ...round, answer: 1n }, 9_000)).toBe('down');
  expect(sequencerOf(null, 9_000)).toBe('unreadable');
});
