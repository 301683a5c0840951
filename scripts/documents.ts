// Writes the SDK's typed documents from sdk/src/documents and from what the gateway answers: a query that its schema does not
// have fails here.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { codegen } from '@graphql-codegen/core';
import * as typescript from '@graphql-codegen/typescript';
import * as operations from '@graphql-codegen/typescript-operations';
import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  printSchema,
  type SelectionSetNode,
  stripIgnoredCharacters,
  validate,
  visit,
} from 'graphql';
import { readSchema } from '../indexer/src/build/schema.ts';
import { querySchema } from '../indexer/src/gateway/query/index.ts';
import type { Shape } from '../sdk/src/history/document.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = `${root}sdk/src/documents`;
const target = `${root}sdk/src/history/generated`;

/** Scalars of integers, which JSON has as text. */
const INTEGERS = ['BigInt', 'Int8', 'Timestamp'];

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

/** The fields of a selection, those of fragments among them. */
function fieldsOf({ selections }: SelectionSetNode, fragments: Fragments): FieldNode[] {
  return selections.flatMap((one) => {
    if (one.kind === Kind.FIELD) return [one];
    const spread = one.kind === Kind.FRAGMENT_SPREAD ? fragments.get(one.name.value) : one;
    return spread ? fieldsOf(spread.selectionSet, fragments) : [];
  });
}

/** Where the answer to a selection has integers. */
function shapeOf(selections: SelectionSetNode, type: GraphQLCompositeType, fragments: Fragments): Shape {
  const entries = fieldsOf(selections, fragments).flatMap((field): [string, true | Shape][] => {
    const definition = isObjectType(type) || isInterfaceType(type) ? type.getFields()[field.name.value] : undefined;
    if (!definition) return [];
    const key = field.alias?.value ?? field.name.value;
    const of = getNamedType(definition.type);
    if (field.selectionSet && isCompositeType(of)) {
      const shape = shapeOf(field.selectionSet, of, fragments);
      return Object.keys(shape).length > 0 ? [[key, shape]] : [];
    }
    return INTEGERS.includes(of.name) ? [[key, true]] : [];
  });
  return Object.fromEntries(entries);
}

/** Each operation as a constant of its name: its text, its types, and where its integers are. */
function constants(schema: GraphQLSchema, documents: readonly { document?: ReturnType<typeof parse> }[]): string {
  const query = schema.getQueryType();
  if (!query) throw new Error('The schema has no query.');
  return documents
    .flatMap(({ document }) => {
      const definitions = document?.definitions ?? [];
      const fragments = new Map(
        definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one] as const] : [])),
      );
      const [operation] = definitions.filter(
        (one): one is OperationDefinitionNode => one.kind === Kind.OPERATION_DEFINITION,
      );
      if (!document || !operation?.name) return [];
      const name = operation.name.value;
      const source = stripIgnoredCharacters(print(document));
      const integers = shapeOf(operation.selectionSet, query, fragments);
      return `export const ${name}: Document<${name}Query, ${name}QueryVariables> = ${JSON.stringify({ name, source, integers }, null, 2)};`;
    })
    .join('\n\n');
}

const documents = readdirSync(folder)
  .sort()
  .map((file) => ({ location: file, document: parse(readFileSync(`${folder}/${file}`, 'utf8')) }));
const api = querySchema(readSchema(readFileSync(`${root}subgraph/schema.graphql`, 'utf8')));
const scalars = { BigInt: 'bigint', Int8: 'bigint', Timestamp: 'bigint', BigDecimal: 'string', Bytes: 'Hex' };
for (const { location, document } of documents) {
  const [error] = validate(api, document);
  if (error) throw new Error(`${location}: ${error.message}`);
}
/** What answers are made of: without what can only be asked, which is most of it. */
const answers = visit(parse(printSchema(api)), {
  InputObjectTypeDefinition: () => null,
  InputValueDefinition: () => null,
  EnumTypeDefinition: ({ name }) => (/_|^OrderDirection$/.test(name.value) ? null : undefined),
});
const output = await codegen({
  filename: `${target}/documents.ts`,
  schema: answers,
  documents,
  config: { scalars, strictScalars: true, skipTypename: true, enumsAsTypes: true, onlyOperationTypes: true },
  skipDocumentsValidation: true,
  plugins: [{ typescript: {} }, { operations: {} }, { constants: {} }],
  pluginMap: { typescript, operations, constants: { plugin: constants } },
});
mkdirSync(target, { recursive: true });
writeFileSync(
  `${target}/documents.ts`,
  `// Written by scripts/documents.ts: do not edit.\nimport type { Hex } from 'viem';\nimport type { Document } from '../document.ts';\n\n${output}\n`,
);
