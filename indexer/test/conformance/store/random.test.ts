import { expect, test } from 'vitest';
import { Random } from '../../../../sdk/test/differential/random.ts';
import { columnsOf, decodeRow } from '../../../src/store/columns.ts';
import type { EntityStore } from '../../../src/store/entityStore.ts';
import { namespaceOf } from '../../../src/store/layout.ts';
import type { Attempt } from '../../../src/store/types.ts';
import type { Entity, Value } from '../../../src/values.ts';
import { testDatabase } from '../../database.ts';
import { ANN, BOB, blockAt, decimal, handle, newStore, reopened, rowsOf, schema } from './fixture.ts';
import { Model, type Snapshot, text } from './model.ts';

/** Seeds, and steps of each. */
const [SEEDS, STEPS] = process.env.TIDEMARK_LONG ? [20, 200] : [3, 60];
const CAPACITY = 6;
/** Blocks that a reorganisation takes back at most. */
const DEPTH = 8;

const database = testDatabase();
const PETS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const petColumns = columnsOf(schema.types.get('Pet') as never);

type Draft = { -readonly [name in keyof Snapshot]: Snapshot[name] };
/** Something a handler does, to the store and to the model. */
type Operation = (attempt: Attempt, draft: Draft) => void;

function operation(random: Random, made: number): Operation {
  const id = random.pick(PETS);
  const what = random.int(0, 9);
  if (what < 4) {
    const fields: Record<string, Value> = { owner: random.pick([ANN, BOB, null]), legs: random.pick([null, 4]) };
    const data = Object.fromEntries(Object.entries(fields).filter(() => random.chance(0.5)));
    const age = random.big(0, 3);
    return (attempt, draft) => {
      const before = draft.pets.get(id);
      const given: Entity = { ...data, ...((!before || age > 0n) && { age }) };
      attempt.set('Pet', id, given);
      const merged = Object.entries({ id, ...before, ...given }).filter(([, value]) => value !== null);
      draft.pets = new Map(draft.pets).set(id, Object.fromEntries(merged));
    };
  }
  if (what === 4) {
    return (attempt, draft) => {
      attempt.remove('Pet', id);
      draft.pets = new Map([...draft.pets].filter(([other]) => other !== id));
    };
  }
  if (what === 5) return (attempt, { pets }) => expect(text(attempt.get('Pet', id))).toBe(text(pets.get(id) ?? null));
  if (what === 6) {
    const owner = random.pick([ANN, BOB]);
    return (attempt, { pets }) => {
      const expected = PETS.filter((other) => pets.get(other)?.owner === owner);
      expect(attempt.loadRelated('Owner', owner, 'pets').map((pet) => pet.id)).toEqual(expected);
    };
  }
  if (what === 7) {
    const key = `0x${made.toString(16).padStart(8, '0')}`;
    return (attempt, draft) => {
      attempt.set('Mark', key, { text: id });
      draft.marks = new Map(draft.marks).set(key, { text: id, from: draft.block.number });
    };
  }
  const [market, size] = [random.pick(['A', 'B']), random.big(-5, 5)];
  return (attempt, draft) => {
    attempt.set('Point', 'auto', { market, size, price: decimal(size, -1) });
    draft.points = [...draft.points, { block: draft.block, market, size }];
  };
}

async function runBlock(store: EntityStore, model: Model, random: Random, fork: number): Promise<void> {
  const { last } = model;
  const number = Number(last?.block.number ?? 0n) + random.int(1, 2);
  const block = blockAt(number, Number(last?.block.time ?? 0n) + random.int(0, 3_000), fork);
  store.begin(block);
  let draft: Draft = {
    block,
    pets: last?.pets ?? new Map(),
    marks: last?.marks ?? new Map(),
    points: last?.points ?? [],
  };
  for (let n = random.int(0, 3); n > 0; n--) {
    // The same entity is made by one block only, so its id is the block's.
    const operations = Array.from({ length: random.int(1, 4) }, () => operation(random, fork * 10_000 + number));
    draft = await handle(store, (attempt) => {
      const copy = { ...draft };
      for (const one of operations) one(attempt, copy);
      return copy;
    });
  }
  store.end();
  model.snapshots.push(draft);
}

async function compare(id: string, model: Model): Promise<void> {
  const rows = await rowsOf(database(), id, 'pet');
  const pets = rows.map((row) => ({ entity: text(decodeRow(petColumns, row)), from: row._from, to: row._to }));
  expect(pets).toEqual(model.pets().map((row) => ({ ...row, entity: text(row.entity) })));
  const marks = await rowsOf(database(), id, 'mark');
  expect(marks.map((row) => [row.id, row.text, row._from])).toEqual(
    [...(model.last?.marks ?? [])].map(([key, { text, from }]) => [key, text, from]).sort(),
  );
  expect(await rowsOf(database(), id, 'point')).toHaveLength(model.last?.points.length ?? 0);
  const hours = (await rowsOf(database(), id, 'stat_hour')).map((row) => [
    ...[row._from, row.market, row.timestamp, row.count, row.bought, row.total],
  ]);
  const expected = model.hours().map((row) => [row.from, row.market, row.timestamp, row.count, row.bought, row.total]);
  const order = (a: unknown[], b: unknown[]) => Number(a[0]) - Number(b[0]) || (String(a[1]) < String(b[1]) ? -1 : 1);
  expect(hours.sort(order)).toEqual(expected);
  for (const { block, pets: then } of model.snapshots.filter((one) => one.block.number >= model.earliest)) {
    const standing = rows.filter(
      ({ _from, _to }) => (_from as bigint) <= block.number && (_to === null || (_to as bigint) > block.number),
    );
    expect(standing.map((row) => text(decodeRow(petColumns, row)))).toEqual(
      PETS.flatMap((pet) => (then.has(pet) ? [text(then.get(pet))] : [])),
    );
  }
  const [count] = await database().query(`select count(*) from ${namespaceOf(id)}._blocks`);
  expect(count?.count).toBe(BigInt(model.snapshots.filter(({ block }) => block.number >= model.earliest).length));
}

test.each(Array.from({ length: SEEDS }, (_, i) => i + 1))(
  'random blocks, reorganisations and restarts of seed %i leave what a plain model has',
  async (seed) => {
    const random = new Random(seed);
    const opening = newStore(database(), CAPACITY);
    let store = await opening;
    const model = new Model();
    for (let step = 1; step <= STEPS; step++) {
      for (let n = random.int(1, 4); n > 0; n--) await runBlock(store, model, random, step);
      const last = model.last?.block.number as bigint;
      if (random.chance(0.3)) {
        const number = last - random.big(0, DEPTH);
        if (number >= model.earliest) {
          await store.revertTo(number);
          model.revertTo(number);
        }
      }
      if (random.chance(0.1) && last - 20n > model.earliest) {
        model.earliest = last - 20n;
        await store.prune(model.earliest);
      }
      if (random.chance(0.5)) {
        await store.flush();
        await compare(opening.id, model);
        if (random.chance(0.2)) store = await reopened(database(), opening.id);
      }
    }
  },
  600_000,
);
