import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  parse,
  type SelectionSetNode,
  validate,
} from 'graphql';
import { refusal, tooMany } from './errors.ts';
import { operationOf } from './query/documents.ts';

/** What a client sends. */
export interface Asked {
  readonly text: string;
  readonly variables: Readonly<Record<string, unknown>> | null;
  readonly operationName: string | null;
  /** Of the client, see {@link RequestContext}. */
  readonly address: string;
}

/** What a client sends, read. */
export interface Operation extends Asked {
  readonly document: DocumentNode;
  readonly kind: OperationTypeNode;
  /** Asks for nothing but what resolves itself: introspection and extensions. */
  readonly isLocal: boolean;
}

/** Of a document, as its parser counts them. */
const MAX_TOKENS = 4_000;
/** Of an operation that resolves itself. */
const MAX_LOCAL_FIELDS = 20;
const MAX_REMEMBERED = 1_000;

/** Reads operations; what was read before it remembers. */
export class OperationReader {
  readonly #documents = new Map<string, DocumentNode>();

  /**
   * @param queries The engine's own schema.
   * @param whole With subscriptions and extensions.
   * @throws {GraphQLError} Of what is not well formed or does too much; documents for the engine it validates itself.
   */
  read(asked: Asked, queries: GraphQLSchema, whole: GraphQLSchema): Operation {
    const document = this.#parse(asked.text);
    const definition = operationOf(document, asked.operationName);
    const kind = definition.operation;
    const names = rootFields(document, definition).filter((name) => name !== '__typename');
    const ofEngine = kind === OperationTypeNode.MUTATION ? {} : queries.getQueryType()?.getFields();
    const ofOurs = whole.getRootType(kind)?.getFields();
    const local = names.filter((name) => name.startsWith('__') || (ofOurs?.[name] && !ofEngine?.[name]));
    const isLocal = kind === OperationTypeNode.MUTATION || local.length === names.length;
    if (!isLocal && local.length > 0)
      throw refusal('BAD_REQUEST', 400, `${local[0]} and entities are asked for by operations of their own. Make two.`);
    if (isLocal) {
      if (names.length > MAX_LOCAL_FIELDS)
        throw tooMany('Fields of such an operation', MAX_LOCAL_FIELDS, 'Make several operations of it.');
      const [error] = validate(whole, document);
      if (error) throw error;
    }
    return { ...asked, document, kind, isLocal };
  }

  /** Null of what is not well formed. */
  kindOf(text: string, operationName: string | null): OperationTypeNode | null {
    try {
      return getOperationAST(this.#parse(text), operationName)?.operation ?? null;
    } catch {
      return null;
    }
  }

  #parse(text: string): DocumentNode {
    const known = this.#documents.get(text);
    if (known) return known;
    const document = parse(text, { maxTokens: MAX_TOKENS });
    this.#documents.set(text, document);
    const [oldest] = this.#documents.keys();
    if (this.#documents.size > MAX_REMEMBERED && oldest !== undefined) this.#documents.delete(oldest);
    return document;
  }
}

/** Names of the fields at the root, fragments spread. */
function rootFields(document: DocumentNode, { selectionSet }: OperationDefinitionNode): string[] {
  const fragments = new Map(
    document.definitions
      .filter((one): one is FragmentDefinitionNode => one.kind === Kind.FRAGMENT_DEFINITION)
      .map((one) => [one.name.value, one]),
  );
  const spread = new Set<string>();
  const names = ({ selections }: SelectionSetNode): string[] =>
    selections.flatMap((one) => {
      if (one.kind === Kind.FIELD) return [one.name.value];
      if (one.kind === Kind.INLINE_FRAGMENT) return names(one.selectionSet);
      const fragment = fragments.get(one.name.value);
      if (!fragment || spread.has(one.name.value)) return [];
      spread.add(one.name.value);
      return names(fragment.selectionSet);
    });
  return names(selectionSet);
}
