import { expect, test } from 'vitest';
import { pinsOf, stretch } from './lines.ts';

test('the scale stretches for near lines and not for far ones', () => {
  expect(stretch([100, 200], [90, 255])).toEqual([90, 255]);
  expect(stretch([100, 200], [30, 300])).toEqual([100, 200]);
});

test('a line out of sight is pinned on its side', () => {
  const line = (price: number) => ({ name: 'entry', title: `Entry ${price}`, price }) as const;
  expect(pinsOf([line(150)], [100, 200])).toEqual([]);
  expect(pinsOf([line(99), line(201)], [100, 200])).toEqual([
    { name: 'entry', text: 'Entry 99', edge: 'below' },
    { name: 'entry', text: 'Entry 201', edge: 'above' },
  ]);
});
