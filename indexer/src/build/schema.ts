import {
  type DefinitionNode,
  type DirectiveNode,
  type FieldDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  parse,
  type TypeNode,
  type ValueNode,
} from 'graphql';
import { IndexerError } from '../errors.ts';

export const SCALARS = [
  'ID',
  'String',
  'Bytes',
  'BigInt',
  'BigDecimal',
  'Boolean',
  'Int',
  'Int8',
  'Timestamp',
] as const;
export type Scalar = (typeof SCALARS)[number];

export interface Field {
  readonly name: string;
  /** Of an enum String, of a reference that of the other entity's id. */
  readonly scalar: Scalar;
  readonly enumName: string | null;
  /** The entity that it refers to. */
  readonly target: string | null;
  readonly list: boolean;
  readonly required: boolean;
  /** The target's field that refers back; nothing is stored here then. */
  readonly derivedFrom: string | null;
  readonly description: string | null;
}

export interface Aggregate {
  readonly name: string;
  readonly fn: 'sum' | 'count' | 'min' | 'max' | 'first' | 'last';
  /** A field of the source or an expression of them; null for a count. */
  readonly arg: string | null;
  readonly cumulative: boolean;
}

/** What a timeseries is summed up to, hour by hour and day by day. */
export interface Aggregation {
  readonly source: string;
  readonly intervals: readonly ('hour' | 'day')[];
  /** Fields of the source by which it is kept apart. */
  readonly dimensions: readonly string[];
  readonly aggregates: readonly Aggregate[];
}

export interface EntityType {
  readonly name: string;
  readonly kind: 'mutable' | 'immutable' | 'timeseries' | 'aggregation';
  /** In their order; `id` among them. */
  readonly fields: readonly Field[];
  readonly aggregation: Aggregation | null;
  readonly description: string | null;
}

export interface Schema {
  readonly types: ReadonlyMap<string, EntityType>;
  readonly enums: ReadonlyMap<string, readonly string[]>;
  /** As it was written. */
  readonly source: string;
}

/** Reads a subgraph's schema. @throws {IndexerError} When it says what this runtime does not know. */
export function readSchema(source: string): Schema {
  const { definitions } = parse(source);
  const objects = definitions.filter(
    (one): one is ObjectTypeDefinitionNode => one.kind === Kind.OBJECT_TYPE_DEFINITION && one.name.value !== '_Schema_',
  );
  const enums = new Map(
    definitions.flatMap((one) =>
      one.kind === Kind.ENUM_TYPE_DEFINITION
        ? [[one.name.value, (one.values ?? []).map(({ name }) => name.value)] as const]
        : [],
    ),
  );
  for (const one of definitions) if (!isKnown(one)) throw new IndexerError(`The schema has a ${one.kind}.`, UNKNOWN);
  const ids = new Map(objects.map((node) => [node.name.value, idOf(node)]));
  const fieldOf = (node: FieldDefinitionNode): Field => {
    const { name, list, required } = unwrap(node.type);
    const scalar = SCALARS.find((one) => one === name);
    const target = ids.has(name) ? name : null;
    if (!scalar && !target && !enums.has(name)) throw new IndexerError(`The schema has no type ${name}.`, UNKNOWN);
    const derived = directive(node.directives, 'derivedFrom');
    return {
      name: node.name.value,
      scalar: scalar ?? (target ? (ids.get(name) as Scalar) : 'String'),
      enumName: enums.has(name) ? name : null,
      target,
      list,
      required,
      derivedFrom: derived ? String(argument(derived, 'field')) : null,
      description: node.description?.value ?? null,
    };
  };
  const types = new Map(objects.map((node) => [node.name.value, typeOf(node, fieldOf)]));
  return { types, enums, source };
}

const UNKNOWN = 'Use entities, enums and their fields, as docs/indexing.md tells.';

const isKnown = ({ kind }: DefinitionNode) =>
  kind === Kind.OBJECT_TYPE_DEFINITION || kind === Kind.ENUM_TYPE_DEFINITION;

function typeOf(node: ObjectTypeDefinitionNode, fieldOf: (node: FieldDefinitionNode) => Field): EntityType {
  const name = node.name.value;
  const nodes = node.fields ?? [];
  const fields = nodes.map(fieldOf);
  const description = node.description?.value ?? null;
  const sums = directive(node.directives, 'aggregation');
  if (sums) {
    const aggregates = nodes.flatMap((field) => {
      const how = directive(field.directives, 'aggregate');
      if (!how) return [];
      const [fn, arg] = [argument(how, 'fn') as Aggregate['fn'], argument(how, 'arg')];
      const cumulative = argument(how, 'cumulative') === true;
      return [{ name: field.name.value, fn, arg: arg === undefined ? null : String(arg), cumulative }];
    });
    const own = new Set(['id', 'timestamp', ...aggregates.map((one) => one.name)]);
    const dimensions = fields.filter((field) => !own.has(field.name)).map((field) => field.name);
    const intervals = argument(sums, 'intervals') as ('hour' | 'day')[];
    const source = String(argument(sums, 'source'));
    return {
      name,
      kind: 'aggregation',
      fields,
      aggregation: { source, intervals, dimensions, aggregates },
      description,
    };
  }
  const entity = directive(node.directives, 'entity');
  if (!entity) throw new IndexerError(`The type ${name} is no entity.`, UNKNOWN);
  const timeseries = argument(entity, 'timeseries') === true;
  const kind = timeseries ? 'timeseries' : argument(entity, 'immutable') === true ? 'immutable' : 'mutable';
  return { name, kind, fields, aggregation: null, description };
}

function idOf(node: ObjectTypeDefinitionNode): Scalar {
  const id = node.fields?.find(({ name }) => name.value === 'id');
  if (!id) throw new IndexerError(`The entity ${node.name.value} has no id.`, 'Add one: id: Bytes! or id: String!');
  return unwrap(id.type).name as Scalar;
}

function unwrap(type: TypeNode): { name: string; list: boolean; required: boolean } {
  if (type.kind === Kind.NON_NULL_TYPE) return { ...unwrap(type.type), required: true };
  if (type.kind === Kind.LIST_TYPE) return { ...unwrap(type.type), list: true, required: false };
  return { name: type.name.value, list: false, required: false };
}

const directive = (all: readonly DirectiveNode[] | undefined, name: string) =>
  all?.find((one) => one.name.value === name);

function argument(of: DirectiveNode, name: string): unknown {
  const value = of.arguments?.find((one) => one.name.value === name)?.value;
  return value && constant(value);
}

function constant(value: ValueNode): unknown {
  if (value.kind === Kind.LIST) return value.values.map(constant);
  return 'value' in value ? value.value : undefined;
}
