import { expect, test } from 'vitest';
import { marketOf } from './market.ts';
import { ParametersInvalidError, readParameters } from './parameters.ts';
import { PERIODS } from './periods.ts';

const read = (parameters: unknown, periods = PERIODS) => readParameters(JSON.stringify(parameters), periods);

test('takes what changes of each market, and the rest as it is deployed', () => {
  const [eth, sol] = read({
    ETH: { maintenanceMarginBps: 700, penaltyBps: 60, initialMarginBps: 1000 },
    SOL: { initialMarginBps: 1200 },
  });
  const { config } = marketOf('ETH');
  expect(eth).toEqual({
    symbol: 'ETH',
    present: config,
    config: { ...config, maintenanceMarginBps: 700n, penaltyBps: 60n },
    changed: ['maintenanceMarginBps', 'penaltyBps'],
  });
  expect(sol?.config.initialMarginBps).toBe(1200n);
});

test('holds them to the hard bounds, one by another', () => {
  expect(() => read({ ETH: { maintenanceMarginBps: 800 } })).not.toThrow();
  expect(() => read({ ETH: { maintenanceMarginBps: 801 } })).toThrow(/^ETH: .*"maintenanceMarginBps" is 801.* 800/);
  expect(() => read({ ETH: { maintenanceMarginBps: 801, initialMarginBps: 1002 } })).not.toThrow();
  expect(() => read({ BTC: { penaltyBps: 190 } })).toThrow(/^BTC: .*"maintenanceMarginBps" is 600.* 601/);
});

test.each<[string, unknown, RegExp]>([
  ['a list', [], /^The parameters: give an object/],
  ['nothing', {}, /name no market/],
  ['a market that is none', { DOGE: { penaltyBps: 60 } }, /no market "DOGE": ETH, BTC/],
  ['what every object has', { constructor: {} }, /no market "constructor"/],
  ['fields that are none', { ETH: 7 }, /^What changes of ETH: give an object/],
  ['a field that is none', { ETH: { maintenance: 700 } }, /^ETH has no parameter "maintenance": initialMarginBps, /],
  ['a field that every object has', { ETH: { toString: 700 } }, /^ETH has no parameter "toString"/],
  ['a field that no liquidation asks for', { ETH: { takerFeePpm: 400 } }, /does not depend on ETH's takerFeePpm/],
  ['a field that accounts are too small for', { ETH: { skewScale: 1e12 } }, /does not depend on ETH's skewScale/],
  ['text', { ETH: { penaltyBps: '60' } }, /^ETH's penaltyBps has to be a whole number/],
  ['a fraction', { ETH: { penaltyBps: 60.5 } }, /^ETH's penaltyBps has to be a whole number/],
  ['less than nothing', { ETH: { penaltyBps: -1 } }, /^ETH's penaltyBps has to be a whole number/],
  ['no change', { ETH: { penaltyBps: 50 } }, /^ETH's parameters are so already/],
])('refuses %s in a line', (_what, parameters, line) => {
  const refused = () => read(parameters);
  expect(refused).toThrow(ParametersInvalidError);
  expect(refused).toThrow(line);
  expect(refused).toThrow(expect.objectContaining({ message: expect.stringMatching(/^.*$/) }));
});

test('refuses what is no JSON', () => {
  expect(() => readParameters('{"ETH"', PERIODS)).toThrow(ParametersInvalidError);
});

test('refuses a market that the periods do not have', () => {
  const calm = PERIODS.filter(({ name }) => name === 'calm');
  expect(() => read({ BTC: { penaltyBps: 60 } }, calm)).toThrow(/^BTC is in none of the periods: calm/);
});
