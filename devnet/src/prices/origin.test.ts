import { expect, test } from 'vitest';
import { DevnetError } from '../errors.ts';
import { type AskedPrices, goOn, type Origin, requireSameBars } from './origin.ts';

const nothing: AskedPrices = {
  source: undefined,
  seed: undefined,
  history: undefined,
  from: undefined,
  to: undefined,
};
const model: Origin = { source: 'model', seed: 7 };
const replay: Origin = { source: 'replay', seed: 1, history: '/bars', from: 1_621_382_400, bars: 'aa' };

test('a chain goes on as it was made when nothing, or the same, is asked for', () => {
  expect(goOn(model, nothing)).toEqual({ ...nothing, source: 'model', seed: 7 });
  const made = { source: 'replay', seed: 1, history: '/bars', from: 1_621_382_400, to: undefined };
  expect(goOn(replay, nothing)).toEqual(made);
  expect(goOn(replay, { ...nothing, source: 'replay', seed: 1, from: 1_621_382_400 })).toEqual(made);
});

test('the files may have moved and the end may change', () => {
  const asked = { ...nothing, history: '/moved', to: 1_621_468_800 };
  expect(goOn(replay, asked)).toMatchObject({ history: '/moved', from: 1_621_382_400, to: 1_621_468_800 });
});

test.each([
  [model, { source: 'live' }, 'made with --source model, not with --source live'],
  [model, { seed: 8 }, 'made with --seed 7, not with --seed 8'],
  [model, { from: 0 }, 'made with --source model, not with --from 1970-01-01T00:00:00.000Z'],
  [replay, { from: 1_621_468_800 }, '--from 2021-05-19T00:00:00.000Z, not with --from 2021-05-20T00:00:00.000Z'],
] as const)('other prices than it was made with are refused: %j %j', (origin, asked, message) => {
  const go = () => goOn(origin, { ...nothing, ...asked });
  expect(go).toThrow(DevnetError);
  expect(go).toThrow(message);
});

test('other bars are refused', () => {
  expect(() => requireSameBars(replay, { ...replay, history: '/moved' })).not.toThrow();
  const altered = () => requireSameBars(replay, { ...replay, history: '/moved', bars: 'bb' });
  expect(altered).toThrow(DevnetError);
  expect(altered).toThrow('The price files in /moved are not those');
});
