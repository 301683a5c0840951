import type { EntityType, Field, Scalar, Schema } from '../../build/schema.ts';
import { memo } from './memo.ts';

/** How a field is compared with a filter's value; its suffix in the filter's name. */
export type Comparison =
  | ''
  | 'not'
  | 'gt'
  | 'lt'
  | 'gte'
  | 'lte'
  | 'in'
  | 'not_in'
  | `${'' | 'not_'}${'contains' | 'starts_with' | 'ends_with'}${'' | '_nocase'}`;

/** One input of an entity's filter. */
export interface FilterInput {
  readonly name: string;
  /** GraphQL's type. */
  readonly type: string;
  readonly field: Field;
  /** `child`: a filter on what the field refers to. */
  readonly comparison: Comparison | 'child';
}

const EQUALITY = ['', 'not', 'in', 'not_in'] as const;
const ORDERED = ['', 'not', 'gt', 'lt', 'gte', 'lte', 'in', 'not_in'] as const;
const TEXT = [
  ...ORDERED,
  ...(['contains', 'starts_with', 'ends_with'] as const).flatMap(
    (one) => [one, `${one}_nocase`, `not_${one}`, `not_${one}_nocase`] as const,
  ),
];
const LIST = ['', 'not', 'contains', 'contains_nocase', 'not_contains', 'not_contains_nocase'] as const;
const AGGREGATED = ['', 'gt', 'lt', 'gte', 'lte', 'in'] as const;

const OF_SCALAR: Readonly<Record<Scalar, readonly Comparison[]>> = {
  ID: ORDERED,
  String: TEXT,
  Bytes: [...ORDERED, 'contains', 'not_contains'],
  BigInt: ORDERED,
  BigDecimal: ORDERED,
  Boolean: EQUALITY,
  Int: ORDERED,
  Int8: ORDERED,
  Timestamp: ORDERED,
};

/** What can be asked of a type's entities, in the order of its fields. */
export function filterInputs(type: EntityType): readonly FilterInput[] {
  return type.fields.flatMap((field) => {
    const own = field.derivedFrom === null ? comparisons(type, field) : [];
    const inputs: FilterInput[] = own.map((comparison) => ({
      name: comparison === '' ? field.name : `${field.name}_${comparison}`,
      type: inputType(field, comparison),
      field,
      comparison,
    }));
    if (!field.target) return inputs;
    return [...inputs, { name: `${field.name}_`, type: `${field.target}_filter`, field, comparison: 'child' as const }];
  });
}

function comparisons(type: EntityType, field: Field): readonly Comparison[] {
  if (field.list) return LIST;
  if (type.kind === 'aggregation') {
    return ['BigInt', 'BigDecimal', 'Int', 'Int8', 'Timestamp'].includes(scalarOf(field)) ? AGGREGATED : [''];
  }
  return field.enumName ? EQUALITY : OF_SCALAR[scalarOf(field)];
}

/** Ids of what is referred to are compared as text, those of 64 bits as numbers. */
function scalarOf({ target, scalar }: Field): Scalar {
  if (!target) return scalar;
  return scalar === 'Int8' ? 'Int' : 'String';
}

function inputType(field: Field, comparison: Comparison): string {
  const one = field.enumName ?? scalarOf(field);
  return field.list || comparison === 'in' || comparison === 'not_in' ? `[${one}!]` : one;
}

/** The inputs of a type's filter by their names. */
export const filterInputsByName = memo(
  (type: EntityType): ReadonlyMap<string, FilterInput> =>
    new Map(filterInputs(type).map((input) => [input.name, input])),
);

/** Where a list of entities can be ordered: a field, or one of what it refers to. */
export interface OrderInput {
  readonly name: string;
  readonly field: Field;
  readonly of: Field | null;
}

/** By what a type's entities can be ordered. */
export function orderInputs(type: EntityType, { types }: Schema): readonly OrderInput[] {
  return type.fields.flatMap((field) => {
    const own: OrderInput = { name: field.name, field, of: null };
    if (!field.target || field.list) return [own];
    const fields = types.get(field.target)?.fields ?? [];
    const nested = fields.filter((of) => !of.list && !of.target);
    return [own, ...nested.map((of) => ({ name: `${field.name}__${of.name}`, field, of }))];
  });
}
