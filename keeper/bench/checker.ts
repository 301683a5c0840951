import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Hex } from 'viem';
import type { Due } from '../src/health/healthIndex.ts';
import type { AccountSnapshot } from '../src/snapshot.ts';
import { judgedMarkets, listPlainly, type Stored, sortDue } from './plainHealth.ts';
import type { Changes, Tick } from './scenario.ts';

/** Lists the accounts below maintenance by the exact calculation of every one of them. */
export interface Checker {
  apply(changes: Changes): void;
  /** @returns As `HealthIndex.due`. */
  list(tick: Tick): Promise<Due[]>;
  close(): void;
}

/** In this process. */
export class PlainChecker {
  readonly #accounts = new Map<Hex, AccountSnapshot>();
  #markets: ReadonlyMap<number, Stored> = new Map();

  apply({ markets, accounts, deleted }: Changes): void {
    this.#markets = markets;
    for (const account of accounts) this.#accounts.set(account.id, account);
    for (const id of deleted) this.#accounts.delete(id);
  }

  async list({ bands, now }: Tick): Promise<Due[]> {
    return listPlainly(this.#accounts.values(), judgedMarkets(this.#markets, bands, now));
  }

  close(): void {}
}

/** What a process of {@link checkerOf} is told; it answers a tick with its list. */
export type Order = { readonly changes: Changes } | { readonly tick: Tick };

/** Accounts sent at once. */
const CHUNK = 5000;

/**
 * In processes of their own, each with its share of the accounts.
 * @param threads None: in this one.
 */
export function checkerOf(threads: number): Checker {
  if (threads === 0) return new PlainChecker();
  const module = fileURLToPath(new URL('checkerProcess.ts', import.meta.url));
  const workers = Array.from({ length: threads }, () => fork(module, { serialization: 'advanced' }));
  for (const worker of workers) process.once('exit', () => worker.kill());
  const shareOf = (id: Hex) => Number.parseInt(id.slice(-6), 16) % threads;
  const tell = (worker: ChildProcess, order: Order) => worker.send(order);
  return {
    apply({ markets, accounts, deleted }) {
      for (const [share, worker] of workers.entries()) {
        const own = accounts.filter(({ id }) => shareOf(id) === share);
        const gone = deleted.filter((id) => shareOf(id) === share);
        for (let from = 0; from === 0 || from < own.length; from += CHUNK)
          tell(worker, { changes: { markets, accounts: own.slice(from, from + CHUNK), deleted: from ? [] : gone } });
      }
    },
    async list(tick) {
      const lists = workers.map(
        (worker) =>
          new Promise<Due[]>((resolve, reject) => {
            const ended = () => reject(new Error('A process of the comparison ended: run the command again.'));
            worker.once('exit', ended);
            worker.once('message', (list) => {
              worker.off('exit', ended);
              resolve(list as Due[]);
            });
            tell(worker, { tick });
          }),
      );
      return sortDue((await Promise.all(lists)).flat());
    },
    close() {
      for (const worker of workers) worker.disconnect();
    },
  };
}
