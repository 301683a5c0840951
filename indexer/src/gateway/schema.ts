import {
  defaultFieldResolver,
  extendSchema,
  type GraphQLFieldConfigMap,
  type GraphQLFieldResolver,
  GraphQLObjectType,
  GraphQLSchema,
  isObjectType,
  parse,
} from 'graphql';

/** What resolvers know of who asks. */
export interface RequestContext {
  /** The client's address, of IPv6 its first 64 bits. */
  readonly address: string;
}

// biome-ignore lint/suspicious/noExplicitAny: arguments are as the fields' types have them.
type Resolver = GraphQLFieldResolver<unknown, RequestContext, any>;
type Subscriber = { readonly subscribe: (...parameters: Parameters<Resolver>) => AsyncGenerator<unknown> };

/** Fields that resolve themselves, beside the entities. */
export interface Extensions {
  /** In the language of schemas: `extend type Query`, `type Mutation`, `extend type Subscription` and what they need. */
  readonly typeDefs: string;
  readonly resolvers: {
    readonly Query?: Readonly<Record<string, Resolver>>;
    readonly Mutation?: Readonly<Record<string, Resolver>>;
    readonly Subscription?: Readonly<Record<string, Subscriber>>;
  };
}

/** What the gateway answers: the queries of an engine, the same as subscriptions, and the extensions. */
export function gatewaySchema(queries: GraphQLSchema, extensions: Extensions | null): GraphQLSchema {
  const query = queries.getQueryType();
  const fields = query?.toConfig().fields as GraphQLFieldConfigMap<unknown, RequestContext>;
  const subscription = new GraphQLObjectType({
    name: 'Subscription',
    description: 'The fields of Query: answered at once, then again whenever the answer has changed.',
    fields,
  });
  const { types, ...config } = queries.toConfig();
  const mirrored = new GraphQLSchema({
    ...config,
    types: types.filter(({ name }) => name !== subscription.name),
    subscription,
  });
  if (!extensions) return mirrored;
  const extended = extendSchema(mirrored, parse(extensions.typeDefs));
  const mutation = extended.getType('Mutation');
  const whole = new GraphQLSchema({ ...extended.toConfig(), ...(isObjectType(mutation) && { mutation }) });
  const { Query = {}, Mutation = {}, Subscription = {} } = extensions.resolvers;
  for (const [type, resolvers] of [
    [whole.getQueryType(), Query],
    [whole.getMutationType(), Mutation],
  ] as const)
    for (const [name, resolve] of Object.entries(resolvers)) Object.assign(fieldOf(type, name), { resolve });
  for (const [name, { subscribe }] of Object.entries(Subscription))
    Object.assign(fieldOf(whole.getSubscriptionType(), name), { subscribe, resolve: defaultFieldResolver });
  return whole;
}

function fieldOf(type: GraphQLObjectType | null | undefined, name: string) {
  const field = type?.getFields()[name];
  if (!field) throw new TypeError(`The extension resolves ${name}, which its type definitions do not have.`);
  return field;
}
