import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  type OperationDefinitionNode,
  parse,
  SingleFieldSubscriptionsRule,
  specifiedRules,
  validate,
} from 'graphql';
import { checkShape, limit, type QueryLimits } from './limits.ts';
import { memo, remember } from './memo.ts';

/** A subscription is sent whole again whenever one of its fields changes: it may have several. */
const RULES = specifiedRules.filter((rule) => rule !== SingleFieldSubscriptionsRule);
/** Documents of each schema that are remembered: clients send few, often. */
const REMEMBERED = 500;

interface Checked {
  readonly document: DocumentNode | null;
  readonly errors: readonly GraphQLError[];
}

const documentsOf = memo((_: QueryLimits) => memo((_: GraphQLSchema) => new Map<string, Checked>()));

/** Parses and validates a document, once for each text. The first errors alone are told. */
export function readDocument(schema: GraphQLSchema, text: string, limits: QueryLimits): Checked {
  const documents = documentsOf(limits)(schema);
  return remember(documents, text, documents.get(text) ?? check(schema, text, limits), REMEMBERED);
}

function check(schema: GraphQLSchema, text: string, limits: QueryLimits): Checked {
  try {
    limit('characters', text.length, limits.characters);
    const document = parse(text, { maxTokens: limits.tokens });
    checkShape(document, limits);
    return { document, errors: validate(schema, document, RULES, { maxErrors: 10 }) };
  } catch (error) {
    if (error instanceof GraphQLError) return { document: null, errors: [error] };
    throw error;
  }
}

/** @throws {GraphQLError} When a document has none of that name, or several and no name is given. */
export function operationOf(document: DocumentNode, name?: string | null): OperationDefinitionNode {
  const operation = getOperationAST(document, name);
  if (operation) return operation;
  throw new GraphQLError(
    name ? `The document has no operation named ${name}.` : 'The document has several operations: name the one to run.',
  );
}
