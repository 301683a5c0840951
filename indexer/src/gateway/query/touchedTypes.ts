import { type DocumentNode, getNamedType, Kind, parse, TypeInfo, visit, visitWithTypeInfo } from 'graphql';
import type { EntityType, Schema } from '../../build/schema.ts';
import { querySchema } from './apiSchema.ts';
import { orderInputs } from './filterInputs.ts';

/** Among what a document touches where it asks for `_meta`, which changes with every block. */
export const META = '_meta';

/**
 * The entities and aggregations on which a document's result depends, those of its filters and orders too, and {@link META};
 * empty of what is no GraphQL.
 */
export function touchedTypes(schema: Schema, document: string): ReadonlySet<string> {
  const touched = new Set<string>();
  const parsed = parsedOrNull(document);
  if (!parsed) return touched;
  const add = (type: EntityType) => {
    touched.add(type.name);
    if (type.aggregation) touched.add(type.aggregation.source);
  };
  const addTargets = (type: EntityType | undefined) => {
    for (const { target } of type?.fields ?? []) if (target) touched.add(target);
  };
  const types = new TypeInfo(querySchema(schema));
  visit(
    parsed,
    visitWithTypeInfo(types, {
      Field: ({ name }) => {
        const type = schema.types.get(getNamedType(types.getType())?.name ?? '');
        if (type) add(type);
        if (name.value === META) touched.add(META);
      },
      ObjectField: () => {
        const type = ofInput(schema, getNamedType(types.getInputType())?.name, '_filter');
        if (type) add(type);
      },
      // What a variable will say is not known yet.
      Argument: ({ value }) => {
        if (value.kind !== Kind.VARIABLE) return;
        const input = getNamedType(types.getInputType())?.name;
        addTargets(ofInput(schema, input, '_filter') ?? ofInput(schema, input, '_orderBy'));
      },
      EnumValue: ({ value }) => {
        const type = ofInput(schema, getNamedType(types.getInputType())?.name, '_orderBy');
        const order = type && orderInputs(type, schema).find(({ name }) => name === value);
        if (order?.of && order.field.target) touched.add(order.field.target);
      },
    }),
  );
  return touched;
}

/** The type whose filter or order an input is. */
const ofInput = ({ types }: Schema, input: string | undefined, suffix: string): EntityType | undefined =>
  input?.endsWith(suffix) ? types.get(input.slice(0, -suffix.length)) : undefined;

function parsedOrNull(document: string): DocumentNode | null {
  try {
    return parse(document);
  } catch {
    return null;
  }
}
