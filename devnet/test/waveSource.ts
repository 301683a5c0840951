import type { PriceSource } from '../src/prices/source.ts';

/** Unix seconds at which the waves begin: on the hour. */
export const WAVE_START = 1_700_002_800;

const BASES: Readonly<Record<string, bigint>> = { ETH: 2_000n * 10n ** 8n, BTC: 60_000n * 10n ** 8n };

/** Prices of 0.4 % around a base, the same in every process. */
export const waveSource: PriceSource = {
  name: 'model',
  symbols: Object.keys(BASES),
  start: WAVE_START,
  quoteAt(symbol, time) {
    const base = BASES[symbol];
    if (base === undefined) return undefined;
    const offset = BigInt(Math.round(4_000 * Math.sin((time - WAVE_START) / 97)));
    const price = base + (base * offset) / 1_000_000n;
    return { price, confidence: base / 4_000n, publishTime: time };
  },
  close: async () => {},
};
