import { tooMany } from './errors.ts';

interface Waiting {
  readonly isWanted: () => boolean;
  readonly begin: () => void;
  readonly skip: () => void;
}

interface Client {
  /** Milliseconds of work it had, each second worth half as much as the one after. */
  spent: number;
  at: number;
  /** Operations that run. */
  running: number;
  readonly queue: Waiting[];
  /** What its queue goes before. */
  readonly patient: Waiting[];
}

const HALF_LIFE = 1_000;
/** Spent milliseconds below which a client counts as new. */
const FORGOTTEN = 0.1;

/** Who asked is gone before its turn came. */
export class NotWanted extends Error {}

/** Lets few operations run at once. The next is always of the client that had the least of late, so that none can crowd out another. */
export class Turns {
  readonly #atOnce: number;
  readonly #waiting: number;
  readonly #clients = new Map<string, Client>();
  #running = 0;

  /** @param waiting Operations of one client that may wait. */
  constructor(atOnce: number, waiting: number) {
    [this.#atOnce, this.#waiting] = [atOnce, waiting];
  }

  /**
   * Runs work when it is its turn.
   * @param isPatient Whether it waits behind all others of its client, any number of them.
   * @throws {GraphQLError} When too many of this client wait. {@link NotWanted}
   */
  async run<result>(
    address: string,
    work: () => Promise<result>,
    { isPatient = false, isWanted = () => true }: { isPatient?: boolean; isWanted?: () => boolean } = {},
  ): Promise<result> {
    const client = this.#client(address);
    if (!isPatient && client.queue.length >= this.#waiting)
      throw tooMany('Operations that wait', this.#waiting, 'Wait for their answers first.');
    await new Promise<void>((resolve, reject) => {
      (isPatient ? client.patient : client.queue).push({
        isWanted,
        begin: resolve,
        skip: () => reject(new NotWanted()),
      });
      this.#next();
    });
    const began = performance.now();
    try {
      return await work();
    } finally {
      this.#running--;
      client.running--;
      this.#charge(client, performance.now() - began);
      this.#next();
    }
  }

  #client(address: string): Client {
    const known = this.#clients.get(address);
    if (known) return known;
    const client = { spent: 0, at: performance.now(), running: 0, queue: [], patient: [] };
    this.#clients.set(address, client);
    return client;
  }

  #charge(client: Client, milliseconds: number): void {
    const now = performance.now();
    client.spent = client.spent * 0.5 ** ((now - client.at) / HALF_LIFE) + milliseconds;
    client.at = now;
  }

  #next(): void {
    while (this.#running < this.#atOnce) {
      const client = this.#leastServed();
      const waiting = client?.queue.shift() ?? client?.patient.shift();
      if (!client || !waiting) return;
      if (!waiting.isWanted()) {
        waiting.skip();
        continue;
      }
      this.#running++;
      client.running++;
      waiting.begin();
    }
  }

  #leastServed(): Client | null {
    let least: Client | null = null;
    for (const [address, client] of this.#clients) {
      this.#charge(client, 0);
      if (client.queue.length + client.patient.length > 0) {
        if (
          !least ||
          client.running < least.running ||
          (client.running === least.running && client.spent < least.spent)
        )
          least = client;
      } else if (client.running === 0 && client.spent < FORGOTTEN) this.#clients.delete(address);
    }
    return least;
  }
}
