import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DevnetError } from '../errors.ts';
import { chooseSource, type SourceOptions } from './chooseSource.ts';

const START = 1_700_000_040;
const history = mkdtempSync(join(tmpdir(), 'tidemark-bars-'));
const bars = ['unix_ts,open,high,low,close,volume', `${START},100,110,90,105,1`, `${START + 60},105,106,95,96,1`];
writeFileSync(join(history, 'ETHUSDT_1m_x.csv'), bars.join('\n'));

/** No venue, no wish. */
const options: SourceOptions = {
  source: undefined,
  seed: undefined,
  history: undefined,
  from: undefined,
  to: undefined,
  speed: 1,
  symbols: ['ETH', 'BTC'],
  venues: [],
};
/** A venue's address answers with this price; nothing is asked of the network. */
const venue = (price: number) => ({
  name: 'Here',
  url: () => `data:application/json,${JSON.stringify({ price })}`,
  read: (payload: unknown) => (payload as { price: number }).price,
});

test('live prices when a venue answers', async () => {
  const { source, reason, origin } = await chooseSource({ ...options, history, venues: [venue(2000)] });
  await source.close();
  expect([source.name, reason, origin]).toEqual(['live', 'venues answer', { source: 'live', seed: 1 }]);
});

test('else a replay when a history is given', async () => {
  const { source, reason, origin } = await chooseSource({ ...options, history });
  expect([source.name, source.symbols, reason]).toEqual(['replay', ['ETH'], 'no venue answers']);
  expect(origin).toEqual({ source: 'replay', seed: 1, history, from: START, bars: expect.stringMatching(/^\w{64}$/) });
});

test('else the model', async () => {
  const { source, reason, origin } = await chooseSource({ ...options, seed: 5 });
  expect([source.name, reason]).toEqual(['model', 'no venue answers, and no --history is given']);
  expect(origin).toEqual({ source: 'model', seed: 5 });
});

test('a faster clock asks no venue', async () => {
  const { source } = await chooseSource({ ...options, speed: 60, venues: [venue(2000)] });
  expect(source.name).toBe('model');
});

test.each([
  [{ source: 'live' }, 'No venue answers within three seconds.'],
  [{ source: 'live', speed: 2 }, 'Live prices run at the speed of the world.'],
  [{ source: 'replay' }, 'A replay needs price files.'],
  [{ from: START }, 'A replay needs price files.'],
  [{ source: 'replay', history: '/nowhere' }, 'There is no folder /nowhere.'],
  [{ source: 'replay', history, from: START + 86_400 }, 'has no prices at 2023-11-15T22:14:00.000Z.'],
] as const)('what cannot be had is refused: %j', async (asked, message) => {
  const error = await chooseSource({ ...options, ...asked }).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(DevnetError);
  expect(error.shortMessage).toContain(message);
});
