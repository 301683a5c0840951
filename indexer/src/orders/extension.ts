import {
  failure,
  type OrderService,
  PlacementRefusedError,
  type RateLimit,
  type RequestRefusedError,
  rateLimited,
  refusalOf,
} from '@tidemark/orders';
import {
  decodeBytes,
  decodeCancellation,
  decodeOrders,
  encodeKept,
  type KeptOrder,
  ORDER_SERVICE_VERSION,
  TidemarkError,
} from '@tidemark/sdk';
import { GraphQLError } from 'graphql';
import { type Hex, isAddress } from 'viem';
import { followOrders } from './followOrders.ts';
import { TYPE_DEFS } from './typeDefs.ts';

/** What the gateway knows of who asks. */
interface Context {
  readonly address: string;
}

type Arguments = Readonly<Record<string, unknown>>;
type Resolver<result> = (source: unknown, values: Arguments, context: Context) => result;

/** Fields of an order service in the gateway's schema. */
export interface OrdersExtension {
  readonly typeDefs: string;
  readonly resolvers: {
    readonly Query: Readonly<Record<'keptOrders' | 'keptOrder', Resolver<unknown>>>;
    readonly Mutation: Readonly<Record<'placeOrder' | 'cancelOrder', Resolver<unknown>>>;
    readonly Subscription: Readonly<Record<'keptOrders', { readonly subscribe: Resolver<AsyncGenerator<unknown>> }>>;
  };
}

export interface ExtensionParts {
  readonly service: OrderService;
  readonly limit: RateLimit;
  /** Told what fails, in one line. */
  readonly warn: (line: string) => void;
}

/** The same checks, limits and errors as by HTTP. */
export function ordersExtension({ service, limit, warn }: ExtensionParts): OrdersExtension {
  const charge = ({ address }: Context, tokens: number) => {
    const wait = limit.take(address, tokens);
    if (wait !== 0) throw toGraphQL(rateLimited(wait), wait);
  };
  const refused = (error: unknown): GraphQLError => {
    if (error instanceof GraphQLError) return error;
    const refusal = refusalOf(error);
    if (refusal.status >= 500) warn(error instanceof TidemarkError ? error.line : String(error));
    return toGraphQL(refusal);
  };
  const asking =
    (answer: (values: Arguments, context: Context) => unknown): Resolver<unknown> =>
    async (_, values, context) => {
      try {
        charge(context, 1);
        return await answer(values, context);
      } catch (error) {
        throw refused(error);
      }
    };
  return {
    typeDefs: TYPE_DEFS,
    resolvers: {
      Query: {
        keptOrders: asking((values) => {
          const { market } = values;
          const chosen = { ...ownersOf(values), ...(market != null && { market: BigInt(String(market)) }) };
          const after = values.after == null ? {} : { after: decodeBytes(values.after, 'id', 32) };
          const { orders, next } = service.list({ ...chosen, ...after });
          return { orders: orders.map(answerOf), next };
        }),
        keptOrder: asking(async ({ id }) => {
          const order = await service.find(decodeBytes(id, 'id', 32));
          return order ? answerOf(order) : null;
        }),
      },
      Mutation: {
        placeOrder: asking(async (values, context) => {
          const orders = decodeOrders(bodyOf(values));
          charge(context, orders.length - 1);
          return (await service.place(orders)).map(answerOf);
        }),
        cancelOrder: asking(async (values) => (await service.cancel(decodeCancellation(bodyOf(values)))).map(answerOf)),
      },
      Subscription: {
        keptOrders: {
          subscribe: (_, values, context) => {
            try {
              charge(context, 1);
              const filter = ownersOf(values);
              if (!filter.account && !filter.owner)
                throw failure(400, 'Malformed', 'Nobody is named whose orders are followed.', 'Give account or owner.');
              return followOrders(service, filter, answerOf);
            } catch (error) {
              throw refused(error);
            }
          },
        },
      },
    },
  };
}

/** Arguments as the HTTP interface has a body: numbers in decimal, nothing in place of null. */
function bodyOf(values: Arguments): unknown {
  const text = JSON.stringify({ ...values, version: ORDER_SERVICE_VERSION }, (_, value) =>
    typeof value === 'bigint' ? `${value}` : value,
  );
  return JSON.parse(text);
}

function ownersOf({ account, owner }: Arguments): { account?: Hex; owner?: Hex } {
  if (owner != null && !(typeof owner === 'string' && isAddress(owner, { strict: false })))
    throw failure(400, 'Malformed', 'The owner is no address.', 'Give 20 bytes in hexadecimal.');
  return {
    ...(account != null && { account: decodeBytes(account, 'account', 32) }),
    ...(typeof owner === 'string' && { owner: owner.toLowerCase() as Hex }),
  };
}

const answerOf = (order: KeptOrder) => ({ reason: null, byContract: false, ...encodeKept(order) });

/** @param retryAfter Seconds. */
function toGraphQL(error: RequestRefusedError, retryAfter?: number): GraphQLError {
  const { actual, limit, ...told } = error.refusal;
  return new GraphQLError(told.what, {
    extensions: {
      ...told,
      status: error.status,
      ...(error instanceof PlacementRefusedError && { place: error.place }),
      ...(actual !== undefined && { actual: `${actual}` }),
      ...(limit !== undefined && { limit: `${limit}` }),
      ...(retryAfter !== undefined && { retryAfter }),
    },
  });
}
