import type { Database } from '@tidemark/database';
import { onChain, TidemarkError, toTidemarkError } from '@tidemark/sdk';
import { type Address, createClient, http } from 'viem';
import { getChainId, getCode } from 'viem/actions';
import { OrderServiceSettingError } from './errors.ts';
import { type OrderLimits, OrderService } from './orderService.ts';
import { OrderStore } from './orderStore.ts';
import { takeOver } from './takeOver.ts';

export interface KeepOrdersSettings {
  /** The chain's RPC. */
  readonly rpc: string;
  readonly engine: Address;
  /** Where the exchange was deployed, or any earlier block. */
  readonly startBlock?: bigint;
  /** Milliseconds between two looks at the chain. */
  readonly pollMs?: number;
  readonly limits?: OrderLimits;
  /** Told what fails, in one line. */
  readonly warn?: (line: string) => void;
  /** A folder of an order service of its own, whose orders are taken over once. */
  readonly takeOver?: string;
}

/** An order service that learns from the chain. */
export interface KeptOrders {
  readonly service: OrderService;
  readonly chainId: number;
  /** Milliseconds since a new block was learned from. */
  silence(): number;
  /** Resolves when a block, or a later one, has been learned from. */
  reached(block: bigint): Promise<void>;
  /** Ends the turn at hand; the database stays open. */
  end(): Promise<void>;
}

/**
 * Keeps signed orders in an open database, which may keep other things too.
 * @throws {TidemarkError} When the chain does not answer or holds no exchange, or the database cannot be used.
 */
export async function keepOrders(database: Database, settings: KeepOrdersSettings): Promise<KeptOrders> {
  const { rpc, engine, pollMs = 500, warn = () => {} } = settings;
  const client = createClient({ transport: http(rpc, { batch: true, retryCount: 0 }), cacheTime: 0 });
  const [chainId, code] = await onChain(() => Promise.all([getChainId(client), getCode(client, { address: engine })]));
  if (!code) {
    throw new OrderServiceSettingError(`Nothing is deployed at ${engine} on chain ${chainId}.`, {
      next: 'Check the address of the engine, and which chain the RPC is of.',
    });
  }
  const exchange = { chainId, engine };
  const store = await OrderStore.open(database, exchange);
  if (settings.takeOver !== undefined) await takeOver(database, settings.takeOver, exchange);
  const service = await OrderService.open({ ...settings, client, chainId, store });
  let learnedAt = performance.now();
  const turns = repeat(pollMs, async () => {
    try {
      if (await service.look()) learnedAt = performance.now();
      turns.settle(service.block);
    } catch (error) {
      warn(error instanceof TidemarkError ? error.line : toTidemarkError(error).line);
    }
  });
  return {
    service,
    chainId,
    silence: () => performance.now() - learnedAt,
    reached: (block) => turns.reached(service.block, block),
    end: turns.end,
  };
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
