import { BigDecimal } from '../bigDecimal.ts';
import type { EntityType, Field } from '../build/schema.ts';
import type { Entity, Value } from '../values.ts';
import { listOf, type Scalar } from './insert.ts';
import { columnOf, isStored, SQL_TYPES } from './layout.ts';

/** A column of an entity's table. */
export interface Column {
  readonly field: Field;
  /** Quoted. */
  readonly name: string;
  /** Of a row's parameter, and of lists of such. */
  readonly parameterType: string;
  /** Makes a parameter of that name into the column's value. */
  readonly fromParameter: (parameter: string) => string;
}

/** Those that are stored, in the schema's order. */
export function columnsOf(type: EntityType): readonly Column[] {
  return type.fields.filter(isStored).map((field) => {
    const sqlType = SQL_TYPES[field.scalar].split(' ', 1)[0] as string;
    return {
      field,
      name: columnOf(field),
      // A list of lists would have to be as wide everywhere, so a list comes as its text.
      parameterType: field.list ? 'text' : sqlType,
      fromParameter: (parameter) => (field.list ? `${parameter}::${sqlType}[]` : parameter),
    };
  });
}

/** What the driver is given. */
export function encode({ field }: Column, value: Value | undefined): Scalar {
  if (value === undefined || value === null) return null;
  if (field.list) return listOf((value as readonly Value[]).map(scalar));
  return scalar(value);
}

function scalar(value: Value): string | number | boolean {
  if (typeof value === 'bigint') return String(value);
  if (value instanceof BigDecimal) return `${value.digits}e${value.exp}`;
  return value as string | number | boolean;
}

/** The entity of a row; fields that are null are left out. */
export function decodeRow(columns: readonly Column[], row: Readonly<Record<string, unknown>>): Entity {
  const entity: Record<string, Value> = {};
  for (const { field, name } of columns) {
    const value = row[name.slice(1, -1)];
    if (value !== null && value !== undefined) entity[field.name] = decode(field, value);
  }
  return entity;
}

function decode(field: Field, value: unknown): Value {
  if (Array.isArray(value)) return value.map((one) => decode(field, one));
  if (field.scalar === 'BigInt') return BigInt(value as string);
  if (field.scalar === 'BigDecimal') return BigDecimal.stored(value as string);
  return value as Value;
}

/** Whether two entities are the same, field by field. */
export function equal(one: Entity, other: Entity): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => same(one[name], other[name]));
}

function same(one: Value | undefined, other: Value | undefined): boolean {
  if (one instanceof BigDecimal && other instanceof BigDecimal) {
    return one.digits === other.digits && one.exp === other.exp;
  }
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((value, n) => same(value, other[n]));
  }
  return one === other;
}
