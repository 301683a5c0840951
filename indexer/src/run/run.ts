import { openDatabase } from '@tidemark/database';
import { readBuild } from '../build/readBuild.ts';
import type { RunConfig } from '../config.ts';
import { startGateway } from '../gateway/index.ts';
import { mountOrders } from '../orders/mountOrders.ts';
import { startIndexer } from './startIndexer.ts';
import { type Output, Teller } from './teller.ts';

export interface Running {
  readonly port: number;
  /** Answers what it is being asked, writes what is done, then ends. */
  stop(): Promise<void>;
}

/**
 * Indexes and serves as the command line says, until it is stopped.
 * @throws {TidemarkError} When it cannot start.
 */
export async function run(config: RunConfig, output: Output): Promise<Running> {
  const { host, port, trustProxy, rpcs, engine, pollMs } = config;
  const teller = new Teller({ ...config, output });
  const warn = (line: string) => teller.warn(line);
  const ending: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const end of ending.splice(0).reverse()) await end();
  };
  try {
    const build = readBuild(config.build);
    const needsDatabase = engine.kind === 'embedded' || config.orders !== null;
    const database = needsDatabase ? await openDatabase(config.database, 'indexer') : null;
    if (database) ending.push(() => database.close());
    const indexer =
      database && engine.kind === 'embedded'
        ? await startIndexer({
            ...{ build: config.build, rpcs, database, ipfs: config.ipfs, pollMs, onWarning: warn },
            onProgress: (progress) => teller.progress(progress),
            onLog: (level, message) => teller.log(level, message),
          })
        : null;
    if (indexer) ending.push(() => indexer.stop());
    const orders =
      database && config.orders
        ? await mountOrders(database, { ...config.orders, rpc: rpcs[0] as string, trustProxy, warn })
        : null;
    if (orders) ending.push(() => orders.end());
    const source = indexer
      ? { served: () => indexer.served() }
      : { engine: { url: engine.kind === 'graph-node' ? engine.url : '', schema: build.schema } };
    const gateway = await startGateway({
      ...{ ...source, host, port, trustProxy, warn },
      ...(orders && { extensions: orders.extensions, routes: orders.routes }),
    });
    ending.push(() => gateway.close());
    const url = `http://${host}:${gateway.port}/graphql`;
    teller.started({ url, chain: indexer?.chainId ?? null, deployment: build.id });
    return { port: gateway.port, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
