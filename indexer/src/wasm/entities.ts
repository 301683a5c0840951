import type { BigDecimal } from '../bigDecimal.ts';
import type { EntityType, Field, Scalar, Schema } from '../build/schema.ts';
import type { Entity, Value } from '../values.ts';
import type { Heap } from './heap.ts';
import { HandlerFailed } from './host.ts';

/** graph-ts's `ValueKind`, in its order. */
export const KINDS = [
  'String',
  'Int',
  'BigDecimal',
  'Boolean',
  'List',
  'Null',
  'Bytes',
  'BigInt',
  'Int8',
  'Timestamp',
] as const;
export type Kind = (typeof KINDS)[number];

const kindOf = (scalar: Scalar): Kind => (scalar === 'ID' ? 'String' : scalar);

/** The fields of a type in the order in which handlers see them. */
const sorted = new WeakMap<EntityType, readonly Field[]>();

/** @throws {HandlerFailed} when the schema has no such type. */
export function typeOf(schema: Schema, name: string): EntityType {
  const type = schema.types.get(name);
  if (!type) throw new HandlerFailed(`the schema has no entity ${name}`);
  return type;
}

/** Without the fields that are null. */
export function writeEntity(heap: Heap, type: EntityType, entity: Entity): number {
  let fields = sorted.get(type);
  if (!fields) {
    fields = type.fields.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    sorted.set(type, fields);
  }
  const entries: number[] = [];
  for (const { name, scalar, list } of fields) {
    const value = entity[name];
    if (value === null || value === undefined) continue;
    const kind = kindOf(scalar);
    const pointer = list ? writeList(heap, kind, value as readonly Value[]) : writeValue(heap, kind, value);
    entries.push(heap.writeObject('StoreEntry', [heap.writeString(name), pointer]));
  }
  return heap.writeObject('Entity', [heap.writeArray('ArrayStoreEntry', entries)]);
}

/** @throws {HandlerFailed} when a field is unknown or its value of another kind than the schema has it. */
export function readEntity(heap: Heap, type: EntityType, pointer: number): Entity {
  const entity: Record<string, Value> = {};
  for (const [name, value] of entriesOf(heap, pointer)) {
    const field = type.fields.find((one) => one.name === name);
    if (!field) throw new HandlerFailed(`${type.name} has no field ${name}`);
    const { kind } = heap.readTagged(value);
    const expected = kindOf(field.scalar);
    const wrong = field.list ? wrongIn(heap, expected, value) : KINDS[kind] === expected ? null : KINDS[kind];
    if (wrong && KINDS[kind] !== 'Null') {
      const shown = field.list ? `a list of ${expected}` : expected;
      throw new HandlerFailed(`${type.name}.${name} is ${shown}, not ${wrong}`);
    }
    entity[name] = readValue(heap, value);
  }
  return entity;
}

/** The kind of a list's value that is not the expected one, or of what is no list. */
function wrongIn(heap: Heap, expected: Kind, pointer: number): Kind | null {
  const { kind, payload } = heap.readTagged(pointer);
  if (KINDS[kind] !== 'List') return KINDS[kind] ?? 'Null';
  const wrong = heap.readArray(payload).find((one) => KINDS[heap.readTagged(one).kind] !== expected);
  return wrong === undefined ? null : (KINDS[heap.readTagged(wrong).kind] ?? 'Null');
}

export function* entriesOf(heap: Heap, pointer: number): Generator<[string, number]> {
  for (const entry of heap.readArray(heap.word(pointer, 0))) {
    yield [heap.readString(heap.word(entry, 0)), heap.word(entry, 1)];
  }
}

function writeList(heap: Heap, kind: Kind, values: readonly Value[]): number {
  const pointers = values.map((value) => writeValue(heap, kind, value));
  return heap.writeTagged('StoreValue', KINDS.indexOf('List'), heap.writeArray('ArrayStoreValue', pointers));
}

export function writeValue(heap: Heap, kind: Kind, value: Value): number {
  return heap.writeTagged('StoreValue', KINDS.indexOf(kind), payloadOf(heap, kind, value));
}

function payloadOf(heap: Heap, kind: Kind, value: Value): number | bigint {
  switch (kind) {
    case 'String':
      return heap.writeString(value as string);
    case 'Bytes':
      return heap.writeHex(value as string);
    case 'BigInt':
      return heap.writeBigInt(value as bigint);
    case 'BigDecimal':
      return heap.writeBigDecimal(value as BigDecimal);
    case 'Boolean':
      return value ? 1 : 0;
    case 'Null':
      return 0;
    default:
      return value as number | bigint;
  }
}

export function readValue(heap: Heap, pointer: number): Value {
  const { kind, payload, wide } = heap.readTagged(pointer);
  switch (KINDS[kind]) {
    case 'String':
      return heap.readString(payload);
    case 'Bytes':
      return heap.readHex(payload);
    case 'BigInt':
      return heap.readBigInt(payload);
    case 'BigDecimal':
      return heap.readBigDecimal(payload);
    case 'Boolean':
      return payload !== 0;
    case 'Int':
      return payload | 0;
    case 'Int8':
    case 'Timestamp':
      return wide;
    case 'List':
      return heap.readArray(payload).map((one) => readValue(heap, one));
    case 'Null':
      return null;
    default:
      throw new HandlerFailed(`a value has the unknown kind ${kind}`);
  }
}
