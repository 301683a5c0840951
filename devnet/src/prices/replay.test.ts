import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { replaySource } from './replay.ts';

const START = 1_700_000_040 - (1_700_000_040 % 60);
const HEADER = 'unix_ts,open,high,low,close,volume';

function folderWith(files: Record<string, string | Uint8Array>): string {
  const folder = mkdtempSync(join(tmpdir(), 'history-'));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

const bars = (lines: readonly string[]) => [HEADER, ...lines].join('\n');
const good = bars([`${START},100,110,90,105,1`, `${START + 60},105,106,95,96,1`, `${START + 180},96,97,95,96,1`]);

test('a bar is walked through open, both extremes and close', () => {
  const source = replaySource(folderWith({ 'ETHUSDT_1m_x.csv': good }), undefined, undefined, ['ETH', 'BTC']);
  expect(source).toMatchObject({ name: 'replay', symbols: ['ETH'], start: START, end: START + 240 });
  const price = (second: number) => source.quoteAt('ETH', START + second)?.price;
  expect(price(0)).toBe(100_00000000n);
  expect(price(20)).toBe(90_00000000n);
  expect(price(40)).toBe(110_00000000n);
  expect(price(60)).toBe(105_00000000n);
  expect(price(80)).toBe(106_00000000n);
  expect(source.quoteAt('ETH', START + 20)).toMatchObject({ publishTime: START + 20 });
});

test('a gap, the end, and an absent symbol have no price', () => {
  const source = replaySource(folderWith({ 'ETHUSDT_1m_x.csv': good }), undefined, undefined, ['ETH']);
  expect(source.quoteAt('ETH', START + 121)).toBeUndefined();
  expect(source.quoteAt('ETH', START + 240)).toBeUndefined();
  expect(source.quoteAt('BTC', START)).toBeUndefined();
});

test('the finest file that covers the beginning is taken, packed or not', () => {
  const hour = Math.floor(START / 3600) * 3600;
  const files = {
    'ETHUSDT_1h_x.csv.gz': gzipSync(bars([`${hour},500,500,500,500,1`])),
    'ETHUSDT_1m_x.csv': good,
  };
  expect(replaySource(folderWith(files), START, undefined, ['ETH']).quoteAt('ETH', START)?.price).toBe(100_00000000n);
  expect(replaySource(folderWith(files), hour, undefined, ['ETH']).quoteAt('ETH', hour)?.price).toBe(500_00000000n);
});

test('left to itself it begins with the first market, and others join when they cover that', () => {
  const later = good.replaceAll(`${START}`, `${START + 1}`);
  const moved = bars([`${START - 60},50,51,49,50,1`, `${START},50,51,49,50,1`, `${START + 60},50,51,49,50,1`]);
  const files = { 'ETHUSDT_1m_x.csv': good, 'BTCUSDT_1m_x.csv': moved, 'SOLUSDT_1m_x.csv': later };
  const source = replaySource(folderWith(files), undefined, undefined, ['ETH', 'BTC', 'SOL']);
  expect(source).toMatchObject({ symbols: ['ETH', 'BTC'], start: START, end: START + 120 });
});

test('bars hash the same wherever they are, packed or not, and differ when one differs', () => {
  const hash = (files: Record<string, string | Uint8Array>) =>
    replaySource(folderWith(files), undefined, undefined, ['ETH']).bars;
  const plain = hash({ 'ETHUSDT_1m_x.csv': good });
  expect(hash({ 'ETHUSDT_1m_y.csv.gz': gzipSync(good) })).toBe(plain);
  expect(hash({ 'ETHUSDT_1m_x.csv': good.replace('95,96,1', '95,96.5,1') })).not.toBe(plain);
});

test('a stretch that ends before it begins is refused', () => {
  const open = () => replaySource(folderWith({ 'ETHUSDT_1m_x.csv': good }), START, START, ['ETH']);
  expect(open).toThrow('ends before it begins');
});

test.each([
  ['not six numbers', `${START},100,110,90,abc,1`],
  ['no possible bar', `${START},100,99,90,98,1`],
  ['not later than the line before', `${START},100,110,90,105,1\n${START},100,110,90,105,1`],
])('a corrupt history file is refused with its line: %s', (what, lines) => {
  const folder = folderWith({ 'ETHUSDT_1m_x.csv': bars([lines]) });
  expect(() => replaySource(folder, undefined, undefined, ['ETH'])).toThrow(what);
  expect(() => replaySource(folder, undefined, undefined, ['ETH'])).toThrow(/line \d/);
});

test('a damaged archive, a wrong header, an empty and a missing folder are refused', () => {
  const open = (files: Record<string, string | Uint8Array>) => () =>
    replaySource(folderWith(files), undefined, undefined, ['ETH']);
  expect(open({ 'ETHUSDT_1m_x.csv.gz': 'no archive' })).toThrow('cannot be read');
  expect(open({ 'ETHUSDT_1m_x.csv': 'time,price\n1,2' })).toThrow('header');
  expect(open({})).toThrow('no prices');
  expect(() => replaySource('/nowhere', undefined, undefined, ['ETH'])).toThrow('no folder');
});
