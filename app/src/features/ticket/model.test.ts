import { NO_LIMIT } from '@tidemark/sdk';
import { expect, test } from 'vitest';
import {
  type ButtonFacts,
  blocker,
  elsewhereText,
  emptyForm,
  limitPrice,
  reduceForm,
  sizeOf,
  textOf,
} from './model.ts';

const wad = 10n ** 18n;
const market = { id: 0, symbol: 'ETH', feedId: '0x00', priceDecimals: 2, sizeDecimals: 4 } as const;
const price = 2_500n * wad;

test('a size in USD becomes base units, rounded down to the step', () => {
  const form = { ...emptyForm, text: '100.37' };
  expect(sizeOf(form, market, price)).toBe(40_100_000_000n);
  expect(sizeOf({ ...form, unit: 'base', text: '0.00019' }, market, price)).toBe(100_000_000n);
  expect(sizeOf({ ...form, text: 'ten' }, market, price)).toBeNull();
});

test('the text of a size gives the size back in both units', () => {
  for (const size of [100_000_000n, 908_600_000_000n, 113_389_500_000_000n]) {
    for (const unit of ['base', 'usd'] as const) {
      const form = { ...emptyForm, unit, text: textOf(size, unit, market, 2_751_420_000_000_000_000_000n) };
      expect(sizeOf(form, market, 2_751_420_000_000_000_000_000n)).toBe(size);
    }
  }
});

test('the limit moves against the trader and stays in its width', () => {
  expect(limitPrice(1_000n, 'long', 50)).toBe(1_005n);
  expect(limitPrice(1_000n, 'short', 50)).toBe(995n);
  expect(limitPrice(NO_LIMIT, 'long', 50)).toBe(NO_LIMIT);
});

test('slippage stays in whole basis points between 0.01 and 10 %', () => {
  expect(reduceForm(emptyForm, { type: 'slippage', slippageBps: 12.7 }).slippageBps).toBe(12);
  expect(reduceForm(emptyForm, { type: 'slippage', slippageBps: 0 }).slippageBps).toBe(1);
  expect(reduceForm(emptyForm, { type: 'slippage', slippageBps: 5_000 }).slippageBps).toBe(1_000);
});

test('the button says the first thing that stops it, and nothing when nothing does', () => {
  const ready: ButtonFacts = {
    connected: true,
    rightChain: true,
    answers: true,
    ether: 1n,
    priceAge: 1,
    halted: false,
    margin: wad,
    size: 1n,
    text: '1',
    failure: null,
    elsewhere: null,
    previewed: true,
    busy: false,
    pending: 0,
  };
  expect(blocker(ready)).toBeNull();
  const stops: Partial<ButtonFacts>[] = [
    { connected: false },
    { rightChain: false },
    { answers: false },
    { ether: 0n },
    { halted: true },
    { priceAge: null },
    { priceAge: 31 },
    { margin: 0n },
    { text: ' ' },
    { size: null },
    { size: 0n },
    { pending: 8 },
    { elsewhere: elsewhereText({ kind: 'pending', market: 1 }, []) },
    { elsewhere: elsewhereText({ kind: 'stale', market: 1, age: 61 }, []) },
    { failure: { reason: 'Too much.', next: 'Trade less.' } },
    { busy: true },
    { previewed: false },
  ];
  const said = stops.map((stop) => blocker({ ...ready, ...stop }));
  expect(new Set(said).size).toBe(stops.length);
  expect(said).not.toContain(null);
});

test('what keeps an order from being taken elsewhere is named by its market', () => {
  const stale = elsewhereText({ kind: 'stale', market: 0, age: 75 }, [market]);
  expect(stale.reason).toContain('ETH');
  expect(stale.reason).toContain('75 s');
  expect(elsewhereText({ kind: 'pending', market: 0 }, [market]).reason).toContain('Your orders in ETH');
});
