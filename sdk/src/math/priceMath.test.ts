import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { PRICE_COLUMNS, priceCase, priceInputs, priceVectors } from '../../test/vectors/price.ts';
import { band, classify, confidencePpm, deviationPpm, halfWidth, type Quote, toWad } from './priceMath.ts';

const wad = 10n ** 18n;
const quote: Quote = { value: 2000n * wad, confidence: wad, time: 1000n };
const bounds = { thresholdPpm: 1500n, haltPpm: 50_000n, strainConfidencePpm: 5000n };

const anchored = (value: bigint, time = 1000n): Quote => ({ value, confidence: 0n, time });

describe('priceMath', () => {
  test('brings integers to 18 decimals', () => {
    expect(toWad(2000_00000000n, 8n)).toBe(2000n * wad);
    expect(toWad(1999n, 21n)).toBe(1n);
  });

  test('widens by twice the confidence and at least a basis point', () => {
    expect(halfWidth(quote)).toBe(2n * wad);
    expect(halfWidth({ ...quote, confidence: 1n })).toBe(wad / 5n);
    expect(confidencePpm(quote)).toBe(500n);
    expect(confidencePpm({ ...quote, confidence: wad + 1n })).toBe(501n);
  });

  test('counts of an older anchor only what exceeds its threshold', () => {
    expect(deviationPpm(quote, anchored(1980n * wad), 1500n)).toBe(10_102n);
    expect(deviationPpm(quote, anchored(1980n * wad, 999n), 1500n)).toBe(8602n);
    expect(deviationPpm(quote, anchored(2000n * wad, 999n), 1500n)).toBe(0n);
  });

  test('classifies at the bounds', () => {
    expect(classify(quote, anchored(1989_06016908n * 10n ** 10n), bounds)).toBe('Normal');
    expect(classify(quote, anchored(1989_05816908n * 10n ** 10n), bounds)).toBe('Strained');
    expect(classify({ ...quote, confidence: 10n * wad + 1n }, anchored(2000n * wad), bounds)).toBe('Guarded');
    expect(classify(quote, anchored(1904_76190477n * 10n ** 10n), bounds)).toBe('Strained');
    expect(classify(quote, anchored(1904_75990476n * 10n ** 10n), bounds)).toBe('Halted');
  });

  test('spans what the sources support', () => {
    const anchor = anchored(1996n * wad);
    const settled = { state: 'Normal', thresholdPpm: 1500n, spanning: false };
    expect(band(quote, anchor, settled)).toEqual({ lo: 1998n * wad, hi: 2002n * wad });
    expect(band(quote, anchor, { ...settled, spanning: true })).toEqual({ lo: 1994n * wad, hi: 2002n * wad });
    expect(band(quote, anchored(0n), settled)).toEqual({ lo: 1992n * wad, hi: 2008n * wad });
    const strained = band(quote, anchored(1980n * wad), { ...settled, state: 'Strained' });
    expect(strained).toEqual({ lo: (1980n * wad * 9985n) / 10_000n, hi: 2002n * wad });
  });

  test('equals the vectors that the contracts run', () => {
    const file = JSON.parse(readFileSync(priceVectors, 'utf8'));
    expect(file.columns).toEqual(PRICE_COLUMNS);
    expect(file.cases).toEqual(priceInputs(200).map((input) => priceCase(input).map(String)));
    const state = PRICE_COLUMNS.indexOf('state');
    expect(new Set(file.cases.map((row: string[]) => row[state]))).toEqual(new Set(['0', '1', '2', '3', '5']));
  });
});
