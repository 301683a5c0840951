import { expect, test } from 'vitest';
import { readOptions } from './options.ts';

test('defaults', () => {
  expect(readOptions([])).toMatchObject({ source: undefined, speed: 1, fresh: false, port: 8080, rpcPort: 8545 });
});

test('a replay and its stretch', () => {
  const options = readOptions(['--source', 'replay', '--history', 'x', '--from', '2021-05-19', '--speed', '60']);
  expect(options).toMatchObject({ source: 'replay', history: 'x', from: 1_621_382_400, speed: 60 });
});

test.each([
  [['--source', 'oracle'], 'unknown'],
  [['--source', 'replay'], '--history'],
  [['--speed', '0'], 'not a number'],
  [['--from', 'yesterday'], 'not a date'],
  [['--colour', 'red'], 'colour'],
])('%j is refused', (argv, message) => {
  expect(() => readOptions(argv)).toThrow(message);
});
