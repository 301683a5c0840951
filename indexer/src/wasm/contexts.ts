import { BigDecimal } from '../bigDecimal.ts';
import type { Entity, Value } from '../values.ts';
import { entriesOf, KINDS, type Kind, readValue, writeValue } from './entities.ts';
import type { Heap } from './heap.ts';

// A data source's context has no schema. So that no kind is lost when it is kept, each of its values is a pair: the kind and the
// value as text; that of a list is the list of its pairs.

/** A context as handlers get it. */
export function writeContext(heap: Heap, context: Entity): number {
  const entries = Object.entries(context).map(([name, pair]) =>
    heap.writeObject('StoreEntry', [heap.writeString(name), writePair(heap, pair as Pair)]),
  );
  return heap.writeObject('Entity', [heap.writeArray('ArrayStoreEntry', entries)]);
}

/** A context as handlers give it. */
export function readContext(heap: Heap, pointer: number): Entity {
  return Object.fromEntries([...entriesOf(heap, pointer)].map(([name, value]) => [name, readPair(heap, value)]));
}

type Pair = readonly [kind: Kind, value: string | readonly Pair[]];

/** A value of a context; `text` as the manifest has it. */
export const contextValue = (kind: string, text: string | readonly Value[]): Value => [kind, text];

/** The kinds that a context may have. */
export const CONTEXT_KINDS: readonly string[] = KINDS.filter((kind) => kind !== 'Null');

function readPair(heap: Heap, pointer: number): Value {
  const { kind, payload } = heap.readTagged(pointer);
  const name = KINDS[kind] ?? 'Null';
  const list = name === 'List' ? heap.readArray(payload).map((one) => readPair(heap, one)) : null;
  return contextValue(name, list ?? String(readValue(heap, pointer)));
}

function writePair(heap: Heap, [kind, value]: Pair): number {
  if (typeof value !== 'string') {
    const list = heap.writeArray(
      'ArrayStoreValue',
      value.map((pair) => writePair(heap, pair)),
    );
    return heap.writeTagged('StoreValue', KINDS.indexOf('List'), list);
  }
  return writeValue(heap, kind, parsed(kind, value));
}

function parsed(kind: Kind, text: string): Value {
  switch (kind) {
    case 'BigInt':
    case 'Int8':
    case 'Timestamp':
      return BigInt(text);
    case 'Int':
      return Number(text);
    case 'BigDecimal':
      return BigDecimal.parse(text);
    case 'Boolean':
      return text === 'true';
    default:
      return text;
  }
}
