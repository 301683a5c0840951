import { expect, test } from 'vitest';
import { NotWanted, Turns } from './turns.ts';

/** Work that its test ends. */
function held() {
  let end = () => {};
  const done = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { end, run: () => done };
}

test('A client that had less goes before one that had more, however many of that one wait', async () => {
  let worked = 0;
  const turns = new Turns(1, 64, () => worked);
  const order: string[] = [];
  const note = (name: string, milliseconds: number) => async () => {
    order.push(name);
    worked += milliseconds;
  };
  const first = held();
  const all = [
    turns.run('greedy', async () => {
      await first.run();
      worked += 10;
    }),
  ];
  for (let index = 0; index < 5; index++) all.push(turns.run('greedy', note('greedy', 10)));
  all.push(turns.run('modest', note('modest', 1)), turns.run('modest', note('modest', 1)));
  first.end();
  await Promise.all(all);
  expect(order.slice(0, 3)).toEqual(['modest', 'modest', 'greedy']);
  expect(order).toHaveLength(7);
});

test('A query of a client goes before what its subscriptions run', async () => {
  const turns = new Turns(1, 64, () => 0);
  const order: string[] = [];
  const first = held();
  const all = [
    turns.run('one', first.run),
    turns.run('one', async () => order.push('subscription'), { isPatient: true }),
    turns.run('one', async () => order.push('query')),
  ];
  first.end();
  await Promise.all(all);
  expect(order).toEqual(['query', 'subscription']);
});

test('Who had a long operation rests while others are there, and not when alone', async () => {
  let worked = 0;
  const turns = new Turns(1, 64, () => worked);
  const long = () =>
    turns.run('greedy', async () => {
      worked += 100;
    });
  await long();
  await long();
  await turns.run('modest', async () => {});
  let isDone = false;
  const third = long().then(() => {
    isDone = true;
  });
  await turns.run('modest', async () => {});
  await turns.run('modest', async () => {});
  expect(isDone).toBe(false);
  // Nobody else has been there for a second.
  await third;
});

test('More than may wait are refused, and who is gone is passed over', async () => {
  const turns = new Turns(1, 1, () => 0);
  const first = held();
  const running = turns.run('one', first.run);
  const gone = turns.run('one', async () => 'never', { isWanted: () => false });
  await expect(turns.run('one', async () => {})).rejects.toThrow('Operations that wait may be 1 at most.');
  first.end();
  await running;
  await expect(gone).rejects.toBeInstanceOf(NotWanted);
});
