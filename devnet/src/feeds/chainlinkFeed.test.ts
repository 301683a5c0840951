import { describe, expect, it } from 'vitest';
import type { PriceSource } from '../prices/source.ts';
import { type ChainlinkSettings, nextRound, type Round } from './chainlinkFeed.ts';

const START = 1_700_000_000;
const settings: ChainlinkSettings = { thresholdPpm: 1500, heartbeat: 1200, latency: 10 };
const last: Round = { answer: 2000_00000000n, updatedAt: START };

/** A source whose price follows the seconds since the start. */
const sourceOf = (price: (second: number) => bigint | undefined): PriceSource => ({
  name: 'model',
  symbols: ['ETH'],
  start: START,
  quoteAt(symbol, time) {
    const now = symbol === 'ETH' ? price(time - START) : undefined;
    return now === undefined ? undefined : { price: now, confidence: 1n, publishTime: time };
  },
  close: async () => {},
});
const constant = (price: bigint) => sourceOf(() => price);
const after = (seconds: number, source: PriceSource) => nextRound(last, source, 'ETH', START + seconds, settings);

describe('a round is written', () => {
  it.each([
    ['up', 2003_00000000n],
    ['down', 1997_00000000n],
  ])('when the price has moved %s by the threshold, and not a unit before', (_, price) => {
    const inward = price > last.answer ? -1n : 1n;
    expect(after(11, constant(price))).toEqual({ answer: price, updatedAt: START + 11 });
    expect(after(11, constant(price + inward))).toBeUndefined();
  });

  it('when the heartbeat has passed, and not a second before', () => {
    expect(after(1199, constant(last.answer))).toBeUndefined();
    expect(after(1200, constant(last.answer + 1n))).toEqual({ answer: last.answer + 1n, updatedAt: START + 1200 });
  });

  it('of what was observed its latency ago', () => {
    const step = sourceOf((second) => (second < 100 ? 2000_00000000n : 2100_00000000n));
    expect(after(109, step)).toBeUndefined();
    expect(after(110, step)).toEqual({ answer: 2100_00000000n, updatedAt: START + 110 });
  });

  it('never without an observation, even past the heartbeat', () => {
    expect(
      after(
        5000,
        sourceOf(() => undefined),
      ),
    ).toBeUndefined();
    expect(nextRound(last, constant(1n), 'BTC', START + 5000, settings)).toBeUndefined();
  });

  it('never at or before the time of the last one', () => {
    expect(after(0, constant(1n))).toBeUndefined();
    expect(after(-5, constant(1n))).toBeUndefined();
    expect(after(1, constant(1n))).toEqual({ answer: 1n, updatedAt: START + 1 });
  });

  it('so that over an hour no price is off by more than the threshold for longer than the latency', () => {
    const wave = sourceOf((second) => BigInt(Math.round(2000e8 * (1 + 0.01 * Math.sin(second / 300)))));
    let round = last;
    let rounds = 0;
    for (let now = START + 1; now <= START + 3600; now++) {
      const next = nextRound(round, wave, 'ETH', now, settings);
      if (next) rounds++;
      round = next ?? round;
      const observed = wave.quoteAt('ETH', now - settings.latency)?.price ?? 0n;
      const off = observed > round.answer ? observed - round.answer : round.answer - observed;
      expect(off * 1_000_000n < round.answer * 1500n).toBe(true);
      expect(now - round.updatedAt).toBeLessThan(settings.heartbeat);
    }
    expect(rounds).toBeGreaterThan(40);
    expect(rounds).toBeLessThan(60);
  });
});
