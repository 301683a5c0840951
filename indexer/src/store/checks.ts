import { BigDecimal } from '../bigDecimal.ts';
import type { Field, Schema } from '../build/schema.ts';
import type { Entity, Value } from '../values.ts';
import { HandlerFailed } from '../wasm/host.ts';
import { isStored } from './layout.ts';
import type { Table } from './tables.ts';

const INT = 2 ** 31;
const INT8 = 2n ** 63n;
/** Of an id: an index's entry has to fit. */
const MAX_ID_LENGTH = 1_000;

/** An id as it is stored. @throws {HandlerFailed} */
export function parseId({ type, id: { scalar } }: Table, id: string): string {
  const fail = (what: string) => new HandlerFailed(`${type.name}[${id}]: the id is ${what}.`);
  if (scalar === 'Bytes') {
    if (!/^(0x)?([0-9a-f]{2})*$/i.test(id)) throw fail('no hexadecimal bytes');
    return `0x${id.replace(/^0x/i, '').toLowerCase()}`;
  }
  if (scalar === 'Int8' && !/^-?\d{1,19}$/.test(id)) throw fail('no Int8');
  if (id.length > MAX_ID_LENGTH) throw fail(`longer than ${MAX_ID_LENGTH} characters`);
  return id;
}

/**
 * What an entity becomes by what a handler sets: fields that it leaves out stay, null takes a field away.
 * @throws {HandlerFailed} when the schema does not permit it.
 */
export function merge(schema: Schema, table: Table, id: string, base: Entity | null, data: Entity): Entity {
  for (const name of Object.keys(data)) {
    const field = table.fields.get(name);
    if (!field) throw failure(table, id, name, 'is not in the schema');
    if (!isStored(field)) throw failure(table, id, name, 'is derived, it cannot be set');
  }
  const merged: Record<string, Value> = {};
  for (const { field } of table.columns) {
    const { name } = field;
    const given = data[name];
    if (given !== undefined && given !== null) checkValue(schema, table, id, field, given);
    const value = given === undefined ? base?.[name] : given;
    if (value !== undefined && value !== null) merged[name] = value;
    else if (name === 'id') merged.id = field.scalar === 'Int8' ? BigInt(id) : id;
    else if (field.required) throw failure(table, id, name, 'is required, and was not set');
  }
  if (String(merged.id) !== id) throw failure(table, id, 'id', `was set to ${described(merged.id as Value)}`);
  return merged;
}

function checkValue(schema: Schema, table: Table, id: string, field: Field, value: Value): void {
  if (Array.isArray(value) !== field.list) {
    throw failure(
      table,
      id,
      field.name,
      field.list ? 'is a list, and was set to one value' : 'is one value, and was set to a list',
    );
  }
  for (const one of (field.list ? value : [value]) as readonly Value[]) {
    if (!isOf(field, one)) throw failure(table, id, field.name, `is ${field.scalar}, and was set to ${described(one)}`);
    if (field.enumName && !schema.enums.get(field.enumName)?.includes(one as string)) {
      throw failure(table, id, field.name, `is ${field.enumName}, which has no ${described(one)}`);
    }
  }
}

const failure = ({ type }: Table, id: string, name: string, what: string) =>
  new HandlerFailed(`${type.name}[${id}].${name} ${what}.`);

function isOf({ scalar }: Field, value: Value): boolean {
  switch (scalar) {
    case 'Boolean':
      return typeof value === 'boolean';
    case 'Int':
      return Number.isInteger(value) && (value as number) >= -INT && (value as number) < INT;
    case 'Int8':
    case 'Timestamp':
      return typeof value === 'bigint' && value >= -INT8 && value < INT8;
    case 'BigInt':
      return typeof value === 'bigint';
    case 'BigDecimal':
      return value instanceof BigDecimal;
    case 'Bytes':
      return typeof value === 'string' && /^0x([0-9a-f]{2})*$/.test(value);
    default:
      // Postgres holds no null character and no half of a surrogate pair.
      return typeof value === 'string' && !/[\0\p{Surrogate}]/u.test(value);
  }
}

function described(value: Value): string {
  if (Array.isArray(value)) return 'a list';
  return value === null ? 'null' : `the ${value instanceof BigDecimal ? 'decimal' : typeof value} ${value}`;
}
