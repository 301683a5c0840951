import { type DatabaseConfig, openDatabase } from '@tidemark/database';
import { onChain, TidemarkError, toTidemarkError } from '@tidemark/sdk';
import { type Address, createClient, http } from 'viem';
import { getChainId, getCode } from 'viem/actions';
import { OrderServiceSettingError } from './errors.ts';
import { type OrderLimits, OrderService } from './orderService.ts';
import { OrderStore } from './orderStore.ts';
import type { Rate } from './rateLimit.ts';
import { startServer } from './server.ts';
import type { StreamLimits } from './streams.ts';

export interface OrderServiceSettings {
  /** The chain's RPC. */
  readonly rpc: string;
  readonly engine: Address;
  readonly database: DatabaseConfig;
  /** Default 127.0.0.1, this machine alone. */
  readonly host?: string;
  /** Zero takes any free port. */
  readonly port: number;
  /** Where the exchange was deployed, or any earlier block. */
  readonly startBlock?: bigint;
  /** Milliseconds between two looks at the chain. */
  readonly pollMs?: number;
  readonly limits?: OrderLimits;
  readonly rate?: Rate;
  readonly streams?: StreamLimits;
  readonly trustProxy?: boolean;
  /** Told what fails, in one line. */
  readonly warn?: (line: string) => void;
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
  const { rpc, engine, pollMs = 500, warn = () => {} } = settings;
  const client = createClient({ transport: http(rpc, { batch: true, retryCount: 0 }), cacheTime: 0 });
  const ending: (() => Promise<unknown>)[] = [];
  const end = async () => {
    for (const step of ending.splice(0).reverse()) await step();
  };
  try {
    const database = await openDatabase(settings.database, 'order service');
    ending.push(() => database.close());
    const [chainId, code] = await onChain(() =>
      Promise.all([getChainId(client), getCode(client, { address: engine })]),
    );
    if (!code) {
      throw new OrderServiceSettingError(`Nothing is deployed at ${engine} on chain ${chainId}.`, {
        next: 'Check the address of the engine, and which chain the RPC is of.',
      });
    }
    const store = await OrderStore.open(database, { chainId, engine });
    const service = await OrderService.open({ ...settings, client, chainId, store });
    let learnedAt = performance.now();
    const server = await startServer({ ...settings, service, warn, silence: () => performance.now() - learnedAt });
    const turns = repeat(pollMs, async () => {
      try {
        if (await service.look()) learnedAt = performance.now();
        turns.settle(service.block);
      } catch (error) {
        warn(error instanceof TidemarkError ? error.line : toTidemarkError(error).line);
      }
    });
    // Requests first, then the turn at hand, then the database.
    ending.push(turns.end, () => server.close());
    return {
      port: server.port,
      chainId,
      get block() {
        return service.block;
      },
      reached: (block) => turns.reached(service.block, block),
      close: end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Does something again and again, each time some milliseconds after the last. */
function repeat(pauseMs: number, turn: () => Promise<void>) {
  let waiting: { block: bigint; resolve: () => void }[] = [];
  let [ended, wake] = [false, () => {}];
  const settle = (reached: bigint) => {
    for (const { block, resolve } of waiting) if (reached >= block) resolve();
    waiting = waiting.filter(({ block }) => block > reached);
  };
  const running = (async () => {
    // Not before whoever starts it has it.
    await Promise.resolve();
    while (!ended) {
      await turn();
      if (ended) break;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pauseMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  })();
  return {
    settle,
    reached: (now: bigint, block: bigint) =>
      now >= block ? Promise.resolve() : new Promise<void>((resolve) => waiting.push({ block, resolve })),
    end: () => {
      ended = true;
      wake();
      return running;
    },
  };
}
