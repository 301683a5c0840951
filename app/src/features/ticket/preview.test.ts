import type { Market, MarketConfig, Position } from '@tidemark/sdk/math';
import { expect, test } from 'vitest';
import type { PriceSources } from '../../data/oracle.ts';
import type { AccountState, Snapshot } from '../../data/snapshot.ts';
import { worstPrices } from '../positions/model.ts';
import { largestSize, type PreviewInput, previewOrder } from './preview.ts';

const wad = 10n ** 18n;
const base = 10n ** 12n;
const mid = 2_000n * wad;
const now = 10_000;
const ticks = { 0: { price: mid, confidence: wad / 2n, publishTime: now } };
const config: MarketConfig = {
  skewScale: 1_000_000n * 10n ** 6n,
  initialMarginBps: 1_000n,
  maintenanceMarginBps: 500n,
  marginSlopeBps: 0n,
  skewCapBps: 800n,
  openInterestCapBps: 2000n,
  profitWeightBps: 5000n,
  makerFeePpm: 200n,
  takerFeePpm: 500n,
  penaltyBps: 25n,
  accountCapPercent: 100n,
  fundingCoefficientBps: 10n,
  fundingCapPpm: 4000n,
  allocationPercent: 40n,
  flags: 1n,
};
const market: Market = {
  longs: 0n,
  shorts: 0n,
  accruedAt: BigInt(now),
  indexAt: BigInt(now),
  funding: 0n,
  index: mid,
  fundingRate: 0n,
  cash: 0n,
  skewSeconds: 0n,
};
const sources: PriceSources = {
  bounds: { thresholdPpm: 5_000n, haltPpm: 50_000n, strainConfidencePpm: 10_000n },
  floor: 1n,
  ceiling: 10n ** 30n,
  anchor: { value: mid, confidence: 0n, time: BigInt(now) },
  sequencer: 'up',
};

interface Changes {
  margin?: bigint;
  position?: Position;
  pauseLevel?: number;
  offPeg?: boolean;
  /** Hundreds of USD, as of the last commit. */
  volume?: number;
  /** Seconds since the last commit. */
  later?: number;
  /** What the pool is worth and has, USD. */
  pool?: bigint;
  sources?: Partial<PriceSources>;
}

function scene(changes: Changes = {}): { snapshot: Snapshot; account: AccountState } {
  const account = {
    account: { margin: changes.margin ?? 1_000n * wad, volume: changes.volume ?? 0, committedAt: now },
    positions: new Map(changes.position && [[0, changes.position]]),
    claim: 0n,
    pending: 0,
  } as unknown as AccountState;
  const queue = { head: 0n, tail: 0n, escrow: 0n, keeperFeeCents: 20n, marginPerUnit: 2_000_000_000_000n };
  const long = changes.position?.size ?? 0n;
  const state = {
    market: { ...market, longs: long > 0n ? long : 0n, shorts: long < 0n ? -long : 0n },
    config,
    queue,
    sources: { ...sources, ...changes.sources },
  };
  const snapshot = {
    timestamp: now + (changes.later ?? 0),
    pauseLevel: changes.pauseLevel ?? 0,
    offPeg: changes.offPeg ?? false,
    pool: { cash: (changes.pool ?? 1_000_000n) * wad, value: changes.pool ?? 1_000_000n },
    markets: new Map([[0, state]]),
    account,
  };
  return { snapshot: snapshot as unknown as Snapshot, account };
}

const preview = (changes: Changes, order: Partial<PreviewInput>) =>
  previewOrder({ ...scene(changes), ticks, market: 0, sizeDelta: base, reduceOnly: false, ...order });

test('a fill is the price, moved by impact and spread, with both fees', () => {
  const result = preview({}, {});
  expect(result?.failure).toBeNull();
  expect(result?.fillPrice).toBe(mid + mid / 2_000_000n + wad);
  expect({ impact: result?.impact, spread: result?.spread }).toEqual({
    impact: wad / 2_000_000n,
    spread: wad / 2_000n,
  });
  expect(result?.outcome.fee).toBe(wad);
  const costs = wad + wad / 5n + wad + mid / 2_000_000n;
  expect(result?.after.equity).toBe(1_000n * wad - costs);
});

test('the liquidation price is shown before and after, and after a day of the funding that the order leaves', () => {
  const position = { size: base, cash: -mid * base, checkpoint: 0n, generation: 0n };
  const bought = preview({ position }, { sizeDelta: base });
  const [before, after] = [bought?.liquidationBefore, bought?.liquidationAfter];
  expect(after?.now ?? 0n).toBeGreaterThan(before?.now ?? 0n);
  expect(after?.inOneDay ?? 0n).toBeGreaterThan(after?.now ?? 0n);
  const sold = preview({ position }, { sizeDelta: -base, reduceOnly: true });
  expect(sold?.liquidationAfter).toEqual({ now: null, inOneHour: null, inOneDay: null });
  expect(preview({ pool: 0n }, {})?.liquidationAfter).toBeNull();
});

test("the fee is that of the account's tier, which fades from day to day", () => {
  const fee = (changes: Changes, order: Partial<PreviewInput> = {}) => preview(changes, order)?.outcome.fee;
  expect(fee({ volume: 50_000 })).toBe((wad * 9n) / 10n);
  expect(preview({ volume: 50_000 }, {})?.discount).toBe(10n);
  expect(fee({ volume: 50_000, later: 86_400 })).toBe(wad);
  const position = { size: base, cash: -mid * base, checkpoint: 0n, generation: 0n };
  const atOnce = { sizeDelta: -base, reduceOnly: true, atOnce: true };
  expect(preview({ volume: 50_000, later: 86_400, position }, atOnce)?.discount).toBe(10n);
});

test('a market opens no more than its part of the pool bears', () => {
  expect(preview({ pool: 500n }, {})?.outcome.sizeDelta).toBe(base / 2n);
  expect(preview({ pool: 0n }, {})?.failure?.reason).toContain('A cap leaves no room');
});

test('the margin has to cover the commit too: profit that is not realised does not', () => {
  const position = { size: base, cash: -1_000n * wad * base, checkpoint: 0n, generation: 0n };
  const rich = { margin: 150n * wad, position };
  expect(preview(rich, {})?.failure?.reason).toBe("The account's margin does not cover the position.");
  expect(preview(rich, { sizeDelta: base / 2n })?.failure).toBeNull();
  const largest = largestSize({ ...scene(rich), ticks, market: 0, reduceOnly: false }, 1n, base / 10_000n);
  expect(largest).toBe(749_000_000_000n);
  expect(preview(rich, { sizeDelta: largest })?.failure).toBeNull();
  expect(preview(rich, { sizeDelta: largest + base / 10_000n })?.failure).not.toBeNull();
});

test('without Chainlink no order settles, but a position closes at once, 30 bp wider', () => {
  const position = { size: base, cash: -mid * base, checkpoint: 0n, generation: 0n };
  const alone = { position, sources: { anchor: { value: 0n, confidence: 0n, time: 0n } } };
  const close = { sizeDelta: -base, reduceOnly: true };
  expect(preview(alone, close)?.failure?.reason).toContain('Chainlink does not answer');
  const now = preview(alone, { ...close, atOnce: true });
  expect(now?.failure).toBeNull();
  const both = preview({ position }, { ...close, atOnce: true });
  expect((both?.fillPrice ?? 0n) - (now?.fillPrice ?? 0n)).toBe((mid * 3n) / 1_000n);
  expect(now?.keeperFee).toBe(0n);
});

test('a halted market closes nothing, a paused one only reduces', () => {
  const position = { size: base, cash: -mid * base, checkpoint: 0n, generation: 0n };
  const halted = { position, sources: { anchor: { value: mid * 2n, confidence: 0n, time: BigInt(now) } } };
  const close = { sizeDelta: -base, reduceOnly: true };
  expect(preview(halted, { ...close, atOnce: true })?.failure?.reason).toContain('halted');
  expect(preview({ pauseLevel: 1 }, {})?.failure?.reason).toBe('The market takes no opening orders at present.');
  expect(preview({ position, pauseLevel: 1 }, close)?.failure).toBeNull();
  expect(preview({ offPeg: true }, {})?.failure?.reason).toBe('USDC is off its peg, so that nothing opens.');
  expect(preview({ position, offPeg: true }, close)?.failure).toBeNull();
});

test('what may leave is judged at the lowest price for a long and the highest for a short', () => {
  for (const [size, worst] of [
    [base, mid - wad],
    [-base, mid + wad],
  ] as const) {
    const { snapshot, account } = scene({ position: { size, cash: 0n, checkpoint: 0n, generation: 0n } });
    const [state] = snapshot.markets.values();
    const [position] = account.positions.values();
    if (!state || !position) throw new Error('The scene holds one position.');
    expect(worstPrices([{ id: 0, position, state }], snapshot, ticks).get(0)).toBe(worst);
  }
});

test('orders that pend in another market, or an index there of more than a minute, keep an order from being taken', () => {
  const { snapshot, account } = scene();
  const held = { size: base, cash: -mid * base, checkpoint: 0n, generation: 0n };
  const elsewhere = (age: number, pending: number, order: Partial<PreviewInput> = {}, flags = 1n) => {
    const stored = { ...account.account, market: 1 };
    const owner = { ...account, account: stored, pending, positions: new Map([[1, held]]) };
    const [[, state] = []] = snapshot.markets;
    if (!state) throw new Error('The scene has no market.');
    const other = { ...state, config: { ...config, flags }, market: { ...market, indexAt: BigInt(now - age) } };
    const markets = new Map(snapshot.markets).set(1, other);
    const input = { ticks, market: 0, sizeDelta: base, reduceOnly: false, ...order };
    return previewOrder({ ...input, snapshot: { ...snapshot, markets }, account: owner })?.elsewhere;
  };
  expect(elsewhere(60, 0)).toBeNull();
  expect(elsewhere(61, 0)).toEqual({ kind: 'stale', market: 1, age: 61 });
  expect(elsewhere(61, 0, { reduceOnly: true })).toBeNull();
  expect(elsewhere(61, 0, {}, 17n)).toBeNull();
  expect(elsewhere(0, 1)).toEqual({ kind: 'pending', market: 1 });
  expect(elsewhere(0, 1, { reduceOnly: true })).toEqual({ kind: 'pending', market: 1 });
  expect(elsewhere(61, 1, { atOnce: true })).toBeNull();
});
