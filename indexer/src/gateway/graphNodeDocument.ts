import {
  type ExecutionResult,
  type GraphQLSchema,
  getOperationAST,
  Kind,
  OperationTypeNode,
  parse,
  print,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';

/** Fields of `_meta` that a graph-node does not have; it is asked for the name of the type in their place. */
const ADDITIONS: ReadonlySet<string> = new Set(['safe', 'finalized']);
const META_TYPE = '_Meta_';

/** A document as a graph-node takes it. */
export interface GraphNodeDocument {
  /** One query, or a subscription's fields as one. */
  readonly text: string;
  /** Names in the answer under which something else stands. */
  readonly replaced: ReadonlySet<string>;
}

export function graphNodeDocument(
  text: string,
  operationName: string | null,
  schema: GraphQLSchema,
): GraphNodeDocument {
  const document = parse(text);
  const asked = getOperationAST(document, operationName);
  const types = new TypeInfo(schema);
  const replaced = new Set<string>();
  const query = visit(
    document,
    visitWithTypeInfo(types, {
      OperationDefinition: (operation) =>
        operation === asked ? { ...operation, operation: OperationTypeNode.QUERY } : null,
      Field: (field) => {
        if (types.getParentType()?.name !== META_TYPE || !ADDITIONS.has(field.name.value)) return undefined;
        const alias = field.alias ?? field.name;
        replaced.add(alias.value);
        return { ...field, alias, name: { kind: Kind.NAME, value: '__typename' } };
      },
    }),
  );
  return { text: print(query), replaced };
}

/** A graph-node's answer, null where something else stands. */
export function withoutReplaced(
  { data, errors }: ExecutionResult<Record<string, unknown>>,
  replaced: ReadonlySet<string>,
): ExecutionResult {
  if (!data || replaced.size === 0) return { data, errors };
  const corrected = (meta: unknown) =>
    typeof meta === 'object' && meta !== null && !Array.isArray(meta)
      ? Object.fromEntries(
          Object.entries(meta).map(([name, value]) => [name, replaced.has(name) && value === META_TYPE ? null : value]),
        )
      : meta;
  return { data: Object.fromEntries(Object.entries(data).map(([name, value]) => [name, corrected(value)])), errors };
}
