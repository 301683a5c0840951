import { expect, test } from 'vitest';
import { DevnetError, toLine } from './errors.ts';
import { readOptions } from './options.ts';

test('defaults', () => {
  expect(readOptions([])).toEqual({
    source: undefined,
    history: undefined,
    from: undefined,
    to: undefined,
    speed: 1,
    seed: undefined,
    traders: 3,
    fresh: false,
    json: false,
    port: 8080,
    rpcPort: 8545,
    pricesPort: 8546,
    metadataPort: 8547,
    graphqlPort: 8549,
    state: '.tidemark',
  });
});

test('a replay and its stretch', () => {
  const options = readOptions(['--source', 'replay', '--history', 'x', '--from', '2021-05-19', '--speed', '60']);
  expect(options).toMatchObject({ source: 'replay', history: 'x', from: 1_621_382_400, speed: 60 });
});

test.each([
  [['--source', 'oracle'], '--source oracle is unknown.'],
  [['--speed', '0'], '--speed 0 is not a number from 1 to 1000.'],
  [['--speed', 'fast'], '--speed fast is not a number from 1 to 1000.'],
  [['--speed'], "Option '--speed <value>' argument missing."],
  [['--seed', '-1'], "Option '--seed' argument is ambiguous."],
  [['--seed', '1.5'], '--seed 1.5 is not a whole number.'],
  [['--traders', '4'], '--traders 4 is not a number from 0 to 3.'],
  [['--from', 'yesterday'], '--from yesterday is not a date.'],
  [['--to', '2021-02-31T'], '--to 2021-02-31T is not a date.'],
  [['--port', '0'], '--port 0 is not a number from 1 to 65535.'],
  [['--rpc-port', '80.5'], '--rpc-port 80.5 is not a whole number.'],
  [['--prices-port', '70000'], '--prices-port 70000 is not a number from 1 to 65535.'],
  [['--metadata-port', '8547.5'], '--metadata-port 8547.5 is not a whole number.'],
  [['--port', '8545'], 'The ports 8545, 8545, 8546, 8547 and 8549 are not different.'],
  [['--metadata-port', '8546'], 'The ports 8080, 8545, 8546, 8546 and 8549 are not different.'],
  [['--graphql-port', '8547'], 'The ports 8080, 8545, 8546, 8547 and 8547 are not different.'],
  [['--graphql-port', 'none'], '--graphql-port none is not a number from 1 to 65535.'],
  [['--state', ''], '--state is empty.'],
  [['--source', 'model', '--history', 'x'], '--history belongs to a replay, not to --source model.'],
  [['--source', 'live', '--from', '2021-05-19'], '--from belongs to a replay, not to --source live.'],
  [['--colour', 'red'], "Unknown option '--colour'."],
  [['--fresh=no'], "Option '--fresh' does not take an argument."],
  [['2021-05-19'], "Unexpected argument '2021-05-19'."],
])('%j is refused in one line', (argv, message) => {
  let error: unknown;
  try {
    readOptions(argv);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(DevnetError);
  expect((error as DevnetError).shortMessage).toBe(message);
  expect(toLine(error)).toMatch(/^[^\n]+\.$/);
});
