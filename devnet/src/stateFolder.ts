import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DevnetError } from './errors.ts';
import type { State } from './exchange.ts';
import type { Origin } from './prices/origin.ts';

/** What is kept between two starts beside the chain itself. */
export interface Kept extends State {
  /** What the chain's prices are made from. */
  readonly origin: Origin;
}

/** Real milliseconds for which a chain that is just ending is waited for. */
const ENDING_MS = 30_000;

/** The folder in which a devnet keeps its state; one devnet at a time. */
export class StateFolder {
  readonly chainFile: string;
  /** Where the metadata of the chain's proposals is kept; made when it is first used. */
  readonly metadataFolder: string;
  /** Where the index and the order service keep their database; made when it is first used. */
  readonly indexFolder: string;
  /** The subgraph, built for this exchange. */
  readonly subgraphFolder: string;
  /** Where the order service kept a database of its own, in earlier versions. */
  readonly ordersFolder: string;
  readonly #path: string;
  readonly #keptFile: string;
  readonly #lockFile: string;

  private constructor(path: string) {
    this.#path = path;
    this.chainFile = join(path, 'chain.json');
    this.metadataFolder = join(path, 'metadata');
    this.indexFolder = join(path, 'index');
    this.subgraphFolder = join(path, 'subgraph');
    this.ordersFolder = join(path, 'orders');
    this.#keptFile = join(path, 'devnet.json');
    this.#lockFile = join(path, 'lock.json');
  }

  /**
   * Opens a folder, or makes it. The chain of a devnet that was killed is waited for until it has written its state.
   * @throws {DevnetError} When another devnet runs on it.
   */
  static async open(path: string): Promise<StateFolder> {
    const folder = new StateFolder(path);
    try {
      mkdirSync(path, { recursive: true });
    } catch (error) {
      throw new DevnetError(
        `${path} cannot be a folder (${(error as NodeJS.ErrnoException).code}).`,
        'Choose --state.',
      );
    }
    const deadline = Date.now() + ENDING_MS;
    for (let holder = folder.#holder(); holder; holder = folder.#holder()) {
      if (lives(holder.devnet) || Date.now() > deadline) {
        throw new DevnetError(
          `The state in ${path} is in use by process ${lives(holder.devnet) ? holder.devnet : holder.chain}.`,
          'End it, or choose another folder with --state.',
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return folder;
  }

  /** The processes that hold the folder, as long as the chain's lives. */
  #holder(): { devnet: number; chain: number } | undefined {
    try {
      const holder = JSON.parse(readFileSync(this.#lockFile, 'utf8'));
      return lives(holder.chain) ? holder : undefined;
    } catch {
      // None, or cut short by the end of its process.
      return undefined;
    }
  }

  /** Notes that this process uses the folder, as long as the chain's process lives. */
  lock(chain: number): void {
    writeFileSync(this.#lockFile, JSON.stringify({ devnet: process.pid, chain }));
  }

  unlock(): void {
    rmSync(this.#lockFile, { force: true });
  }

  /**
   * What an earlier devnet left; undefined when there is nothing, or only the beginnings of one that never ran.
   * @throws {DevnetError} When it cannot be read.
   */
  read(): Kept | undefined {
    const hasChain = existsSync(this.chainFile) || existsSync(`${this.chainFile}.next`);
    if (!existsSync(this.#keptFile) || !hasChain) return undefined;
    const todo = 'Restore it, or start anew with --fresh.';
    let kept: Partial<Kept>;
    try {
      kept = JSON.parse(readFileSync(this.#keptFile, 'utf8')) as Partial<Kept>;
    } catch (error) {
      throw new DevnetError(`${this.#keptFile} is damaged: ${(error as Error).message}.`, todo);
    }
    if (kept.origin && kept.deployment?.governance && kept.doubles && kept.uptimeProxy) return kept as Kept;
    throw new DevnetError(`${this.#keptFile} is no state of this version.`, todo);
  }

  write(kept: Kept): void {
    const beside = `${this.#keptFile}.next`;
    writeFileSync(beside, `${JSON.stringify(kept, null, 2)}\n`);
    renameSync(beside, this.#keptFile);
  }

  /** Forgets everything that was kept. */
  clear(): void {
    const folders = [this.metadataFolder, this.indexFolder, this.subgraphFolder, this.ordersFolder];
    for (const kept of [this.chainFile, `${this.chainFile}.next`, this.#keptFile, ...folders]) {
      rmSync(kept, { force: true, recursive: true });
    }
  }

  /** @throws {DevnetError} Always: the chain and what is kept of it are not of one devnet. */
  mismatch(): never {
    throw new DevnetError(
      `The chain in ${this.#path} does not hold the exchange that is kept beside it.`,
      'Restore both files, or start anew with --fresh.',
    );
  }
}

function lives(pid: unknown): boolean {
  try {
    return typeof pid === 'number' && process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
