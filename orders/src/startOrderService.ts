import { type DatabaseConfig, openDatabase } from '@tidemark/database';
import { type KeepOrdersSettings, keepOrders } from './keepOrders.ts';
import { DEFAULT_RATE, type Rate, RateLimit } from './rateLimit.ts';
import { startServer } from './server.ts';
import type { StreamLimits } from './streams.ts';

export interface OrderServiceSettings extends KeepOrdersSettings {
  readonly database: DatabaseConfig;
  /** Default 127.0.0.1, this machine alone. */
  readonly host?: string;
  /** Zero takes any free port. */
  readonly port: number;
  readonly rate?: Rate;
  readonly streams?: StreamLimits;
  readonly trustProxy?: boolean;
}

/** A running order service. */
export interface RunningOrderService {
  readonly port: number;
  readonly chainId: number;
  /** The last block it learned from. */
  readonly block: bigint;
  /** Resolves when a block, or a later one, has been learned from. */
  reached(block: bigint): Promise<void>;
  /** Answers what it is being asked, then ends. */
  close(): Promise<void>;
}

/**
 * Keeps signed orders and serves them, until it is closed.
 * @throws {TidemarkError} When the chain does not answer or holds no exchange, the database cannot be used, or the port is
 * taken.
 */
export async function startOrderService(settings: OrderServiceSettings): Promise<RunningOrderService> {
  const { warn = () => {} } = settings;
  const ending: (() => Promise<unknown>)[] = [];
  const end = async () => {
    for (const step of ending.splice(0).reverse()) await step();
  };
  try {
    const database = await openDatabase(settings.database, 'order service');
    ending.push(() => database.close());
    const orders = await keepOrders(database, settings);
    ending.push(orders.end);
    const { service, chainId, silence, reached } = orders;
    const limit = new RateLimit(settings.rate ?? DEFAULT_RATE);
    const server = await startServer({ ...settings, service, limit, warn, silence });
    // Requests first, then the turn at hand, then the database.
    ending.push(() => server.close());
    return {
      port: server.port,
      chainId,
      get block() {
        return service.block;
      },
      reached,
      close: end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}
