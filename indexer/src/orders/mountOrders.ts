import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Database } from '@tidemark/database';
import {
  DEFAULT_RATE,
  type KeepOrdersSettings,
  keepOrders,
  orderRoutes,
  type Rate,
  RateLimit,
  type StreamLimits,
} from '@tidemark/orders';
import { type OrdersExtension, ordersExtension } from './extension.ts';

export interface MountedOrdersSettings extends KeepOrdersSettings {
  /** What an address may ask, by HTTP and by GraphQL together. */
  readonly rate?: Rate;
  readonly streams?: StreamLimits;
  readonly trustProxy?: boolean;
}

/** An order service that shares the indexer's database and the gateway's port. */
export interface MountedOrders {
  readonly chainId: number;
  /** Of the gateway's schema. */
  readonly extensions: OrdersExtension;
  /** Answers a request for `/orders…` as docs/order-service.md tells. @returns Whether it is one. */
  routes(request: IncomingMessage, response: ServerResponse): boolean;
  /** Resolves when a block, or a later one, has been learned from. */
  reached(block: bigint): Promise<void>;
  /** Ends streams, then the turn at hand; the database stays open. */
  end(): Promise<void>;
}

/**
 * Keeps signed orders in the indexer's database.
 * @throws {TidemarkError} When the chain does not answer or holds no exchange, or the database cannot be used.
 */
export async function mountOrders(database: Database, settings: MountedOrdersSettings): Promise<MountedOrders> {
  const { rate = DEFAULT_RATE, warn = () => {} } = settings;
  const { service, silence, ...orders } = await keepOrders(database, settings);
  const limit = new RateLimit(rate);
  const routes = orderRoutes({ ...settings, service, limit, silence, warn });
  return {
    ...orders,
    extensions: ordersExtension({ service, limit, warn }),
    routes: (request, response) => {
      if (!/^\/orders([/?]|$)/.test(request.url ?? '')) return false;
      routes.handle(request, response);
      return true;
    },
    end: async () => {
      routes.close();
      await orders.end();
    },
  };
}
