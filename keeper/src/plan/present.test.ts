import { PriceMath, PriceState } from '@tidemark/sdk';
import { describe, expect, it } from 'vitest';
import type { MarketSnapshot, OracleRules } from '../snapshot.ts';
import { at, NOW, quoted, rules, stored, USD } from './fixtures.ts';
import { presentOf } from './present.ts';

const market = stored({ indexAt: NOW - 100n });
const of = (changes: Partial<MarketSnapshot> = {}) => presentOf(at(0, { market, ...changes }), NOW);
const under = (changes: Partial<OracleRules>, more: Partial<MarketSnapshot> = {}) =>
  of({ rules: { ...rules, ...changes }, ...more }).brought?.state;

/** A quote so far from an anchor of 2,000, basis points. */
const apart = (bps: bigint) => ({ quote: quoted({ price: 2000n * USD + (2000n * USD * bps) / 10_000n }) });

describe('the price at hand', () => {
  it('is judged by both sources', () => {
    // θ 50 bp, confidence 2.5 bp: strained from 155 bp on, halted above 300.
    expect(under({}, apart(154n))).toBe(PriceState.Normal);
    expect(under({}, apart(157n))).toBe(PriceState.Strained);
    expect(under({}, apart(299n))).toBe(PriceState.Strained);
    expect(under({}, apart(301n))).toBeUndefined();
    expect(under({}, { quote: quoted({ confidence: 11n * USD }) })).toBe(PriceState.Guarded);
    expect(under({}, { anchor: null })).toBe(PriceState.Single);
  });

  it('is guarded while a breaker stands, and none from a halt on', () => {
    expect(under({ breakerFrom: NOW, breakerUntil: NOW + 1n })).toBe(PriceState.Guarded);
    expect(under({ breakerFrom: NOW - 9n, breakerUntil: NOW })).toBe(PriceState.Normal);
    expect(under({ haltedAt: NOW })).toBeUndefined();
    expect(under({ haltedAt: NOW + 1n })).toBe(PriceState.Normal);
  });

  it('stands alone only near the mean, and while the uptime feed cannot be read', () => {
    expect(under({ mean: 1810n * USD }, { anchor: null })).toBeUndefined();
    expect(under({ mean: 1820n * USD }, { anchor: null })).toBe(PriceState.Single);
    expect(under({ mean: 0n }, { anchor: null })).toBe(PriceState.Single);
    expect(under({ sequencer: 3 })).toBe(PriceState.Single);
    expect(under({ sequencer: 1 })).toBe(PriceState.SequencerDown);
    expect(under({ sequencer: 2 }, apart(301n))).toBeUndefined();
  });

  it('is none beyond the bounds, without a confidence, or with one too wide', () => {
    expect(under({ ceiling: 1999n * USD })).toBeUndefined();
    expect(under({ floor: 2001n * USD })).toBeUndefined();
    expect(under({ anchorOutside: true })).toBeUndefined();
    expect(under({}, { quote: quoted({ confidence: 0n }) })).toBeUndefined();
    expect(under({}, { quote: quoted({ confidence: 41n * USD }) })).toBeUndefined();
  });

  it('is not older than the index', () => {
    expect(of({ market: stored({ indexAt: NOW }) }).brought?.publishTime).toBe(NOW);
    expect(of({ market: stored({ indexAt: NOW + 1n }) }).brought).toBeNull();
  });

  it('has the band of its state', () => {
    const quote = quoted();
    const anchor = quoted({ price: 2003n * USD, confidence: 0n });
    const source = { value: quote.price, confidence: quote.confidence, time: quote.publishTime };
    const other = { value: anchor.price, confidence: 0n, time: anchor.publishTime };
    for (const [changes, state] of [
      [{}, 'Normal'],
      [{ breakerFrom: NOW, breakerUntil: NOW + 1n }, 'Guarded'],
    ] as const) {
      const { thresholdPpm } = rules;
      const band = PriceMath.band(source, other, { state, thresholdPpm, spanning: true });
      expect(of({ anchor, rules: { ...rules, ...changes } }).brought).toMatchObject(band);
    }
  });

  it('is the stored one where nothing is brought, while that is young, and Chainlink’s once Pyth is silent', () => {
    const young = (age: bigint) => ({ stored: quoted({ publishTime: NOW - age }), storedAt: NOW - age });
    expect(of(young(15n)).stored?.publishTime).toBe(NOW - 15n);
    expect(of(young(16n)).stored).toBeNull();
    expect(of({ storedAt: NOW - 360n }).stored).toBeNull();
    expect(of({ storedAt: NOW - 361n }).stored).toMatchObject({ state: PriceState.Single, publishTime: NOW });
    expect(of({ storedAt: NOW - 361n, rules: { ...rules, sequencer: 1 } }).stored).toBeNull();
  });
});
