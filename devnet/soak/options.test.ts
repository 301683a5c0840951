import { describe, expect, it } from 'vitest';
import { DevnetError } from '../src/errors.ts';
import { readRaceOptions, readSoakOptions } from './options.ts';

describe('the options of a soak', () => {
  it('are those of the long one, or of the short one where that is asked for', () => {
    expect(readSoakOptions([])).toMatchObject({ minutes: 20, speed: 1, traders: 200, orders: 2000, rounds: 3 });
    expect(readSoakOptions(['--short', '--seed', '7'])).toMatchObject({ minutes: 2, rounds: 1, seed: 7 });
    expect(readSoakOptions(['--without', 'liquidator,trigger']).without).toEqual(['liquidator', 'trigger']);
  });

  it.each([[['--minutes', 'x']], [['--without', 'cook']], [['--orders', '1.5']], [['--fast']]])(
    'are refused when they cannot be: %j',
    (args) => {
      expect(() => readSoakOptions(args)).toThrow(DevnetError);
    },
  );
});

it('refuses options of a race that cannot be', () => {
  expect(readRaceOptions(['--blind'])).toMatchObject({ minutes: 60, blind: true });
  expect(() => readRaceOptions(['--speed', '2'])).toThrow(DevnetError);
});
