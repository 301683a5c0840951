import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Deployment } from '@tidemark/deploy';
import { startGateway, startIndexer } from '@tidemark/indexer';
import { buildSubgraph } from '@tidemark/subgraph';
import { type Address, numberToHex } from 'viem';
import { askGateway } from './askGateway.ts';
import { type Comparison, compareIndex } from './compareIndex.ts';
import { randomHistory } from './randomHistory.ts';

export interface HistoryComparison extends Comparison {
  readonly blocks: number;
  readonly logs: number;
}

/** Told how far it is. */
export interface HistoryProgress {
  readonly onOperation?: (done: number) => void;
  readonly onBlock?: (block: bigint, of: bigint) => void;
}

/** Contracts that a random history has none of stand at addresses where nothing is. */
const nowhere = (n: number): Address => numberToHex(0xdead_0000 + n, { size: 20 });

/** Indexes a random history by the real runtime and compares its books. @throws {Error} When indexing fails. */
export async function compareHistory(
  artifacts: string,
  wanted: { readonly operations: number; readonly seed: number },
  { onOperation, onBlock = () => {} }: HistoryProgress = {},
): Promise<HistoryComparison> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-books-'));
  const ending: (() => Promise<unknown>)[] = [async () => rmSync(folder, { recursive: true, force: true })];
  try {
    const history = await randomHistory(artifacts, wanted, onOperation);
    const rpc = await history.recorded.start();
    ending.push(() => history.recorded.end());
    const { engine, vault, block } = history;
    const deployment = deploymentOf(engine, vault);
    const build = await buildSubgraph({ deployment, network: 'mainnet', startBlock: 0n, into: join(folder, 'build') });
    const indexer = await startIndexer({
      ...{ build, rpcs: [rpc], database: { folder: null }, pollMs: 50 },
      onProgress: (progress) => onBlock(progress.block, progress.to),
    });
    ending.push(() => indexer.stop());
    await indexed(indexer, block);
    const gateway = await startGateway({ served: () => indexer.served(), port: 0 });
    ending.push(() => gateway.close());
    const ask = askGateway(`http://127.0.0.1:${gateway.port}/graphql`);
    const comparison = await compareIndex(history, deployment, ask);
    const { blocks } = history.recorded;
    return { ...comparison, blocks: blocks.length, logs: blocks.reduce((sum, { logs }) => sum + logs.length, 0) };
  } finally {
    for (const end of ending.reverse()) await end();
  }
}

/** Resolves when a block is indexed. @throws {Error} When a handler has failed before. */
async function indexed(
  { reached, standing }: Pick<Awaited<ReturnType<typeof startIndexer>>, 'reached' | 'standing'>,
  block: bigint,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const failed = new Promise<never>((_, reject) => {
    timer = setInterval(() => {
      const why = standing().failed;
      if (why !== null) reject(new Error(`Indexing ended: ${why}`));
    }, 100);
  });
  try {
    await Promise.race([reached(block), failed]);
  } finally {
    clearInterval(timer);
  }
}

function deploymentOf(engine: Address, vault: Address): Deployment {
  const others = new Proxy({} as Record<string, Address>, { get: (_, name) => nowhere(String(name).length) });
  return { engine, vault, oracle: nowhere(0), riskManager: nowhere(1), governance: others } as unknown as Deployment;
}
