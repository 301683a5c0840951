import { TidemarkError } from '@tidemark/sdk';
import type { Served } from '../store/types.ts';
import { EmbeddedEngine } from './embeddedEngine.ts';
import type { Engine } from './engine.ts';
import { Executor } from './executor.ts';
import { GraphNodeEngine, type GraphNodeOptions } from './graphNodeEngine.ts';
import { HealthWatch } from './health.ts';
import { DEFAULT_LIMITS, type GatewayLimits } from './limits.ts';
import { makeMetrics } from './metrics.ts';
import { Places } from './places.ts';
import type { Extensions } from './schema.ts';
import { GatewayServer, type Routes } from './server.ts';
import { Subscriptions } from './subscriptions.ts';
import { Turns } from './turns.ts';

export interface GatewayOptions {
  /** Default 127.0.0.1, this machine alone. */
  readonly host?: string;
  /** Zero takes any free port. */
  readonly port: number;
  readonly extensions?: Extensions;
  /** Asked first with every request by HTTP. */
  readonly routes?: Routes;
  readonly limits?: Partial<GatewayLimits>;
  /** Whether `X-Forwarded-For` is written by a proxy of ours. */
  readonly trustProxy?: boolean;
  /** Told what fails, in one line. */
  readonly warn?: (line: string) => void;
}

/** What is served: the embedded runtime, asked ever again since the deployment may change, or a graph-node. */
export type GatewaySource = { readonly served: () => Served } | { readonly engine: GraphNodeOptions };

export interface RunningGateway {
  readonly port: number;
  /** Answers what it is being asked, then ends. */
  close(): Promise<void>;
}

/**
 * Serves queries, mutations and subscriptions until it is closed.
 * @throws {GatewayPortError} When the port cannot be had.
 * @throws {GraphNodeError} When the graph-node does not answer as one does.
 */
export async function startGateway(options: GatewayOptions & GatewaySource): Promise<RunningGateway> {
  const { warn = () => {} } = options;
  const tell = (error: unknown) => warn(error instanceof TidemarkError ? error.line : String(error));
  const engine =
    'served' in options ? new EmbeddedEngine(options.served) : await GraphNodeEngine.open(options.engine, tell);
  return serveEngine(engine, options, tell);
}

/** Serves an engine, which it closes when it ends. */
export async function serveEngine(
  engine: Engine,
  options: GatewayOptions,
  warn: (error: unknown) => void,
): Promise<RunningGateway> {
  const { host = '127.0.0.1', port, extensions = null, routes = () => false, trustProxy = false } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const metrics = makeMetrics();
  const turns = new Turns(limits.atOnce, limits.waiting);
  const places = new Places('Subscriptions', limits.subscriptions);
  const subscriptions = new Subscriptions({ engine, turns, places, limits, metrics, warn });
  const executor = new Executor({ engine, extensions, turns, places, subscriptions, metrics, warn });
  // Extensions that do not fit are found out now, not by the first client.
  void executor.schema;
  const health = new HealthWatch(engine, limits);
  const scrape = () => {
    const { age, behind, block, failed } = health.look();
    metrics.block.set(Number(block ?? 0));
    metrics.behind.set(behind ?? 0);
    metrics.silence.set(age);
    metrics.failed.set(failed ? 1 : 0);
    metrics.subscriptions.set(places.taken);
    metrics.connections.set({ kind: 'http' }, server.connections.http);
    metrics.connections.set({ kind: 'websocket' }, server.connections.websocket);
    return metrics.registry.metrics();
  };
  const server = new GatewayServer({
    executor,
    limits,
    metrics,
    health: () => health.look(),
    scrape,
    routes,
    trustProxy,
    warn,
  });
  const end = () => {
    subscriptions.close();
    health.close();
    engine.close();
  };
  try {
    const actual = await server.listen(host, port);
    return {
      port: actual,
      close: async () => {
        end();
        await server.close();
      },
    };
  } catch (error) {
    end();
    throw error;
  }
}
