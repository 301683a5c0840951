import { openDatabase } from '@tidemark/database';
import type { Deployment } from '@tidemark/deploy';
import { mountOrders, startGateway, startIndexer } from '@tidemark/indexer';
import { buildSubgraph } from '@tidemark/subgraph';
import type { StateFolder } from './stateFolder.ts';

export interface HistorySettings {
  readonly rpc: string;
  readonly deployment: Deployment;
  readonly folder: Pick<StateFolder, 'indexFolder' | 'subgraphFolder' | 'ordersFolder'>;
  /** Gateway of proposals' metadata. */
  readonly metadata: string;
  readonly port: number;
  /** Milliseconds between two looks at the chain. */
  readonly pollMs: number;
  /** Told what fails, in one line. */
  readonly warn: (line: string) => void;
}

/** The index and the order service behind one gateway. */
export interface RunningHistory {
  /** Of the gateway: GraphQL at /graphql, orders at /orders. */
  readonly url: string;
  /** Resolves when a block is indexed, and the order service has learned from it. */
  reached(block: bigint): Promise<void>;
  close(): Promise<void>;
}

/**
 * Indexes a chain of this machine and keeps signed orders, until it is closed.
 * @throws {TidemarkError} When the folder cannot be used or the port is taken; what was started has ended then.
 */
export async function startHistory(settings: HistorySettings): Promise<RunningHistory> {
  const { rpc, deployment, folder, metadata, port, pollMs, warn } = settings;
  const ending: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const end of ending.splice(0).reverse()) await end();
  };
  try {
    const target = { deployment, network: 'devnet', startBlock: 0n, into: folder.subgraphFolder };
    const [build, database] = await Promise.all([
      buildSubgraph(target),
      openDatabase({ folder: folder.indexFolder }, 'indexer').then((opened) => {
        ending.push(() => opened.close());
        return opened;
      }),
    ]);
    const indexer = await startIndexer({ build, rpcs: [rpc], database, ipfs: [metadata], pollMs, onWarning: warn });
    ending.push(() => indexer.stop());
    const { engine } = deployment;
    const orders = await mountOrders(database, { rpc, engine, pollMs, warn, takeOver: folder.ordersFolder });
    ending.push(() => orders.end());
    const { extensions, routes } = orders;
    const gateway = await startGateway({ served: () => indexer.served(), port, extensions, routes, warn });
    ending.push(() => gateway.close());
    return {
      url: `http://127.0.0.1:${gateway.port}`,
      reached: async (block) => {
        await Promise.all([indexer.reached(block), orders.reached(block)]);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
