import { buildSchema, type GraphQLSchema } from 'graphql';
import type { EntityType, Field, Schema } from '../../build/schema.ts';
import { filterInputs, orderInputs } from './filterInputs.ts';
import { memo } from './memo.ts';
import { queryNames } from './names.ts';
import { SCALAR_TYPES } from './scalars.ts';

/** What can be asked of a subgraph: the schema that graph-node derives from the same entities, with our additions to `_meta`. */
export const querySchema = memo(build);

function build(schema: Schema): GraphQLSchema {
  const types = [...schema.types.values()];
  const root = [...types.flatMap(rootFields), META_FIELD].join('\n');
  const enums = [...schema.enums].map(([name, values]) => `enum ${name} { ${values.join(' ')} }`);
  const scalars = SCALAR_TYPES.map(({ name }) => `scalar ${name}`);
  const api = buildSchema(
    [
      ...scalars,
      META_TYPES,
      ...enums,
      ...types.flatMap((type) => [objectType(type), filterType(type), orderType(type, schema)]),
      `type Query {\n${root}\n}`,
      `"The fields of the query, sent again whenever their result changes."\ntype Subscription {\n${root}\n}`,
    ].join('\n'),
  );
  // A type that was built from text only knows its name.
  for (const scalar of SCALAR_TYPES) {
    const { description, serialize, parseValue, parseLiteral } = scalar;
    Object.assign(api.getType(scalar.name) ?? {}, { description, serialize, parseValue, parseLiteral });
  }
  return api;
}

const described = (description: string | null, text: string) =>
  description === null ? text : `${JSON.stringify(description)}\n${text}`;

function objectType(type: EntityType): string {
  const fields = type.fields.map((field) => {
    const parameters = field.target && field.list ? `(${LIST_ARGUMENTS(field.target)})` : '';
    return described(field.description, `${field.name}${parameters}: ${outputType(field)}`);
  });
  return described(type.description, `type ${type.name} {\n${fields.join('\n')}\n}`);
}

function outputType({ target, enumName, scalar, list, required }: Field): string {
  const one = target ?? enumName ?? scalar;
  return `${list ? `[${one}!]` : one}${required ? '!' : ''}`;
}

function filterType(type: EntityType): string {
  const name = `${type.name}_filter`;
  const inputs = filterInputs(type).map((input) => `${input.name}: ${input.type}`);
  return `input ${name} {\n${inputs.join('\n')}\n"Changed in a block or after it." _change_block: BlockChangedFilter\nand: [${name}]\nor: [${name}]\n}`;
}

const orderType = (type: EntityType, schema: Schema) =>
  `enum ${type.name}_orderBy {\n${orderInputs(type, schema)
    .map(({ name }) => name)
    .join('\n')}\n}`;

const LIST_ARGUMENTS = (type: string) =>
  `skip: Int = 0, first: Int = 100, orderBy: ${type}_orderBy, orderDirection: OrderDirection, where: ${type}_filter`;

const BLOCK_ARGUMENTS = `"The block whose state is asked; the newest where it is left out."
  block: Block_height,
  "Understood and without effect: what was indexed before an error is always served."
  subgraphError: _SubgraphErrorPolicy_! = deny`;

function rootFields(type: EntityType): string[] {
  const { one, many } = queryNames(type);
  const list = LIST_ARGUMENTS(type.name);
  if (type.kind === 'aggregation') {
    const interval = 'interval: Aggregation_interval!, current: Aggregation_current = exclude';
    return [described(type.description, `${many}(${interval}, ${list}, ${BLOCK_ARGUMENTS}): [${type.name}!]!`)];
  }
  return [
    described(type.description, `${one}(id: ID!, ${BLOCK_ARGUMENTS}): ${type.name}`),
    described(type.description, `${many}(${list}, ${BLOCK_ARGUMENTS}): [${type.name}!]!`),
  ];
}

const META_FIELD = `"What is known about the index itself."
_meta("The block that is told about; the newest where it is left out." block: Block_height): _Meta_`;

const META_TYPES = `
enum OrderDirection { asc desc }

enum Aggregation_interval { hour day }

enum Aggregation_current {
  "Only hours and days that are over."
  exclude
  "The hour or day that is not over yet, too, as far as it is known."
  include
}

enum _SubgraphErrorPolicy_ { allow deny }

input BlockChangedFilter { number_gte: Int! }

"One of them: a block by its hash or its number, or the newest if it is at least a number."
input Block_height { hash: Bytes number: Int number_gte: Int }

type _Block_ {
  "Null where nothing of the block was indexed."
  hash: Bytes
  number: Int!
  "Seconds since 1970; null where nothing of the block was indexed."
  timestamp: Int
  "Null where nothing of the block was indexed."
  parentHash: Bytes
}

type _Meta_ {
  "The block at which this request is answered."
  block: _Block_!
  "Of the subgraph's build."
  deployment: String!
  "Whether indexing ended at a block that its handlers cannot handle. What was indexed before is served."
  hasIndexingErrors: Boolean!
  "Beyond graph-node: up to this block the chain's newest batches are published on the layer below; null while unknown."
  safe: Int
  "Beyond graph-node: blocks up to this one cannot be reorganised any more; null while unknown."
  finalized: Int
}
`;
