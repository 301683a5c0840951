import { type Database, type DatabaseConfig, openDatabase } from '@tidemark/database';
import { readBuild } from '../build/readBuild.ts';
import { Chain } from '../chain/chain.ts';
import { watchHeads } from '../chain/watchHeads.ts';
import { Files } from '../ipfs/files.ts';
import { IpfsGateways } from '../ipfs/ipfsGateways.ts';
import { currentDeployment, makeCurrent } from '../store/deployments.ts';
import { namespaceOf } from '../store/layout.ts';
import { openStore } from '../store/openStore.ts';
import type { Served, Standing } from '../store/types.ts';
import type { Host } from '../wasm/host.ts';
import { loadMappings } from '../wasm/mappings.ts';
import { dropOthers, openPrevious } from './deployments.ts';
import { Indexing, type Progress } from './indexing.ts';

export interface IndexerOptions {
  /** What graph-cli built: a folder with subgraph.yaml. */
  readonly build: string;
  /** The chain's RPCs, the preferred one first; those by WebSocket also tell of new blocks. */
  readonly rpcs: readonly string[];
  /** An opened one is left open at the end. */
  readonly database: Database | DatabaseConfig;
  /** IPFS gateways, in order of preference. None of them is trusted. */
  readonly ipfs?: readonly string[];
  /** Milliseconds between two looks at the chain (default 200). */
  readonly pollMs?: number;
  readonly onProgress?: (progress: Progress) => void;
  /** Told, in one line, what goes wrong: once, until it goes well again. */
  readonly onWarning?: (line: string) => void;
  /** What handlers log. */
  readonly onLog?: (level: Parameters<Host['log']>[0], message: string) => void;
}

/** A running indexer. */
export interface RunningIndexer {
  readonly chainId: number;
  /** The deployment that is to be served now: the one before until that of the build has caught up with the chain. */
  served(): Served;
  /** How the deployment of the build stands. */
  standing(): Standing;
  /** Resolves when a block, or a later one, is written. */
  reached(block: bigint): Promise<void>;
  /** Ends after the block at hand. */
  stop(): Promise<void>;
}

const DEFAULT_POLL_MS = 200;
/** Milliseconds after which a deployment that is no longer served is removed: nobody reads it any more. */
const FAREWELL_MS = 60_000;

/**
 * Indexes a subgraph until it is stopped. RPCs and databases that fail are waited for.
 * @throws {TidemarkError} When the build is none, no RPC answers, or the database cannot be used.
 */
export async function startIndexer(options: IndexerOptions): Promise<RunningIndexer> {
  const { rpcs, ipfs = [], pollMs = DEFAULT_POLL_MS } = options;
  const { onWarning = () => {}, onProgress = () => {}, onLog = () => {} } = options;
  const build = readBuild(options.build);
  const chain = new Chain({ urls: rpcs, onWarning });
  const chainId = await chain.open();
  const isOpen = 'query' in options.database;
  const database = isOpen
    ? (options.database as Database)
    : await openDatabase(options.database as DatabaseConfig, 'indexer');
  const ending: (() => Promise<unknown> | undefined)[] = isOpen ? [] : [() => database.close()];
  const stop = async () => {
    for (const end of ending.splice(0).reverse()) await end();
  };
  try {
    const { id, schema } = build;
    await dropOthers(database, id);
    const store = await openStore({ database, schema, id });
    let previous = await openPrevious(database, id);
    if ((await currentDeployment(database)) === null) await makeCurrent(database, id);
    let farewell: NodeJS.Timeout | undefined;
    const swap = async () => {
      previous = null;
      await makeCurrent(database, id);
      farewell = setTimeout(() => dropOthers(database, id).catch(() => {}), FAREWELL_MS);
    };
    const indexing = new Indexing({
      ...{ build, store, chain, pollMs, onWarning, onLog },
      files: new Files(new IpfsGateways({ urls: ipfs }), onWarning),
      mappings: (source) => loadMappings(build, source),
      onProgress: (progress) => {
        onProgress(progress);
        const isBehind =
          progress.block < progress.to - 1n || progress.block < (previous?.standing().head?.number ?? 0n);
        if (previous && !isBehind) swap().catch((error: Error) => onWarning(error.message));
      },
    });
    const served: Served = {
      ...{ id, schema, database, namespace: namespaceOf(id) },
      standing: () => indexing.standing(),
      subscribe: (listener) => store.subscribe(listener),
    };
    indexing.start();
    const unwatch = watchHeads(rpcs, () => indexing.look());
    ending.push(
      async () => clearTimeout(farewell),
      () => indexing.stop(),
      unwatch,
    );
    return {
      chainId,
      served: () => previous ?? served,
      standing: () => indexing.standing(),
      reached: (block) => indexing.reached(block),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
