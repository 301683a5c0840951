import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { TidemarkError } from '@tidemark/sdk';
import type { Hash } from 'viem';
import type { KeeperEvent } from '../events.ts';
import { type Role, roleOf } from '../roles.ts';

/** What became of a transaction, as it was noted. Amounts in wei, and in USD of 18 decimals. */
export interface Entry {
  readonly event: 'included' | 'reverted';
  /** When it was seen to be included, chain time, seconds. */
  readonly time: number;
  readonly role: Role;
  /** The action's kind and key. */
  readonly kind: string;
  readonly key: string;
  readonly hash: Hash;
  readonly block: bigint;
  readonly gasUsed: bigint;
  readonly l2Fee: bigint;
  readonly l1Fee: bigint;
  readonly reward: bigint;
  /** Price of ether then; 0 when it was not known. */
  readonly ethPrice: bigint;
}

/** Blocks within which a reorg may take a transaction back. */
const MEMORY = 256n;
const AMOUNTS = ['block', 'gasUsed', 'l2Fee', 'l1Fee', 'reward', 'ethPrice'] as const;
const FILE = /^\d{4}-\d\d-\d\d\.jsonl$/;

/** The journal cannot be read or written. */
export class JournalError extends TidemarkError {
  override name = 'JournalError';

  constructor(folder: string, doing: 'read' | 'written', cause: unknown) {
    super(`The journal in ${folder} cannot be ${doing}.`, { next: 'Check the folder and its rights.', cause });
  }
}

/**
 * Notes what transactions cost and brought: a line of JSON for each, in a file for each day of chain time, on the disk
 * before the next event. A line that was cut off by the end of the process is passed over.
 */
export class Journal {
  readonly #folder: string;
  #file: { name: string; fd: number } | undefined;
  /** What this process noted of late. */
  readonly #recent = new Map<Hash, Entry>();

  /** @throws {JournalError} */
  constructor(folder: string) {
    this.#folder = folder;
    this.#trying(() => mkdirSync(folder, { recursive: true }));
  }

  /**
   * @param time Chain time, seconds.
   * @param ethPrice USD, 18 decimals; 0 when it is not known.
   * @throws {JournalError}
   */
  onEvent(event: KeeperEvent, time: bigint, ethPrice: bigint): void {
    switch (event.event) {
      case 'included':
      case 'reverted': {
        const { action, event: what, hash, block, gasUsed, l2Fee, l1Fee, reward } = event;
        const cost = { gasUsed, l2Fee, l1Fee, reward, ethPrice };
        const { kind, key } = action;
        this.#note({ event: what, time: Number(time), role: roleOf(action), kind, key, hash, block, ...cost });
        return;
      }
      case 'replaced':
        this.#write({ event: 'replaced', time: Number(time), key: event.action.key, hash: event.hash, by: event.by });
    }
  }

  /**
   * After a reorg: notes of what was noted of late that it is no longer included, or in another block.
   * @param blockOf The block that includes a transaction now; null when none does.
   * @throws {JournalError}
   */
  async correct(blockOf: (hash: Hash) => Promise<bigint | null>): Promise<void> {
    for (const entry of [...this.#recent.values()]) {
      const block = await blockOf(entry.hash);
      if (block === entry.block) continue;
      if (block !== null) {
        this.#note({ ...entry, block });
      } else {
        this.#recent.delete(entry.hash);
        this.#write({ event: 'dropped', time: entry.time, hash: entry.hash });
      }
    }
  }

  close(): void {
    if (this.#file) closeSync(this.#file.fd);
    this.#file = undefined;
  }

  #note(entry: Entry): void {
    this.#recent.set(entry.hash, entry);
    for (const { hash, block } of this.#recent.values()) if (block + MEMORY < entry.block) this.#recent.delete(hash);
    this.#write({ ...entry });
  }

  #write(entry: { readonly time: number; readonly event: string; readonly [field: string]: unknown }): void {
    const line = JSON.stringify(entry, (_, value) => (typeof value === 'bigint' ? String(value) : value));
    this.#trying(() => {
      const fd = this.#open(`${dayOf(entry.time)}.jsonl`);
      writeSync(fd, `${line}\n`);
      fsyncSync(fd);
    });
  }

  #open(name: string): number {
    if (this.#file?.name === name) return this.#file.fd;
    this.close();
    const fd = openSync(join(this.#folder, name), 'a+', 0o640);
    this.#file = { name, fd };
    // What an earlier process was cut off at does not run into the next line.
    const { size } = fstatSync(fd);
    const last = Buffer.alloc(1);
    if (size > 0 && readSync(fd, last, 0, 1, size - 1) === 1 && last[0] !== 10) writeSync(fd, '\n');
    return fd;
  }

  #trying(doing: () => void): void {
    try {
      doing();
    } catch (error) {
      throw new JournalError(this.#folder, 'written', error);
    }
  }
}

/**
 * What a journal tells of transactions, in the order of its noting: each once, as it was noted last, and none that a reorg
 * has taken back for good.
 * @throws {JournalError}
 */
export function readJournal(folder: string): Entry[] {
  if (!existsSync(folder)) throw new JournalError(folder, 'read', undefined);
  const entries = new Map<Hash, Entry>();
  try {
    for (const name of readdirSync(folder)
      .filter((one) => FILE.test(one))
      .sort()) {
      for (const line of readFileSync(join(folder, name), 'utf8').split('\n')) {
        const noted = parse(line);
        if (noted?.event === 'dropped') entries.delete(noted.hash as Hash);
        if (noted?.event !== 'included' && noted?.event !== 'reverted') continue;
        const entry = { ...noted } as Record<string, unknown>;
        for (const amount of AMOUNTS) entry[amount] = BigInt(noted[amount] as string);
        entries.delete(noted.hash as Hash);
        entries.set(noted.hash as Hash, entry as unknown as Entry);
      }
    }
  } catch (error) {
    throw new JournalError(folder, 'read', error);
  }
  return [...entries.values()];
}

/** The day of a time in seconds, UTC. */
export const dayOf = (time: number): string => new Date(time * 1000).toISOString().slice(0, 10);

/** Null of a line that was cut off. */
function parse(line: string): Record<string, unknown> | null {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
