import type { Heap } from './heap.ts';

/** Bytes that graph-node reads at most. */
const MAX_SIZE = 10_000_000;

/** Objects and lists within one another that graph-node reads at most. */
const MAX_DEPTH = 127;

/** graph-ts's `JSONValueKind`. */
const [NULL, BOOL, NUMBER, STRING, ARRAY, OBJECT] = [0, 1, 2, 3, 4, 5];

/** A number, and a text as `n…` and `s…`: a number keeps its digits. */
export type Json = null | boolean | string | readonly Json[] | { readonly [key: string]: Json };

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @throws {SyntaxError | TypeError | RangeError} when the bytes are no JSON, or too much of it. */
export function parseJson(bytes: Uint8Array): Json {
  if (bytes.length > MAX_SIZE) throw new RangeError(`${bytes.length} bytes of JSON exceed the limit of ${MAX_SIZE}`);
  const text = utf8.decode(bytes);
  JSON.parse(text);
  const marked = text.replace(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g, (token) =>
    token.startsWith('"') ? `"s${token.slice(1)}` : `"n${token}"`,
  );
  const value: Json = JSON.parse(marked);
  check(value, MAX_DEPTH);
  return value;
}

function check(value: Json, depth: number): void {
  if (typeof value === 'string' && Buffer.from(value).toString() !== value) {
    throw new SyntaxError('a text has half of a surrogate pair');
  }
  if (typeof value !== 'object' || value === null) return;
  if (depth === 0) throw new RangeError(`the JSON is nested deeper than ${MAX_DEPTH}`);
  for (const [key, child] of Object.entries(value)) {
    check(key, depth);
    check(child, depth - 1);
  }
}

/** An object's members come sorted by their names. */
export function writeJson(heap: Heap, value: Json): number {
  const tagged = (kind: number | undefined, payload: number) => heap.writeTagged('JsonValue', kind ?? 0, payload);
  if (value === null) return tagged(NULL, 0);
  if (typeof value === 'boolean') return tagged(BOOL, value ? 1 : 0);
  if (typeof value === 'string') {
    return tagged(value.startsWith('n') ? NUMBER : STRING, heap.writeString(value.slice(1)));
  }
  if (isArray(value)) {
    const values = value.map((one) => writeJson(heap, one));
    return tagged(ARRAY, heap.writeArray('ArrayJsonValue', values));
  }
  const entries = Object.entries(value)
    .toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map(([key, child]) => heap.writeObject('JsonEntry', [heap.writeString(key.slice(1)), writeJson(heap, child)]));
  return tagged(OBJECT, heap.writeObject('JsonObject', [heap.writeArray('ArrayJsonEntry', entries)]));
}

const isArray = (value: Json): value is readonly Json[] => Array.isArray(value);
