import { tooMany } from './errors.ts';

interface Waiting {
  readonly isWanted: () => boolean;
  readonly begin: () => void;
  readonly skip: () => void;
}

interface Client {
  /** Milliseconds of work it had, each second worth half as much as the one after. */
  spent: number;
  /** When that was reckoned. */
  at: number;
  /** When it last began or ended an operation. */
  seen: number;
  /** Until when it does not begin another while others are there. */
  restsUntil: number;
  running: number;
  readonly queue: Waiting[];
  /** What its queue goes before. */
  readonly patient: Waiting[];
}

const HALF_LIFE = 1_000;
/** Spent milliseconds below which a client counts as new. */
const FORGOTTEN = 0.1;
/** Milliseconds of this process's work from which an operation is long: while it runs, nobody is answered. */
const LONG = 40;
/** How many times as long as a long operation its client rests, so that it meets few operations of others. */
const REST = 24;
/** Milliseconds for which a client counts as there after its last operation. */
const PRESENT = 1_000;

/** Who asked is gone before its turn came. */
export class NotWanted extends Error {}

/** Milliseconds that this process has worked: waiting for a database elsewhere, or for a busy machine, is no work. */
function worked(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/**
 * Lets few operations run at once. The next is always of the client that had the least of late, and who had a long one rests
 * while others are there, so that none can crowd out another.
 */
export class Turns {
  readonly #atOnce: number;
  readonly #waiting: number;
  readonly #work: () => number;
  readonly #clients = new Map<string, Client>();
  #running = 0;
  #timer: NodeJS.Timeout | null = null;

  /**
   * @param waiting Operations of one client that may wait.
   * @param work Milliseconds of work so far.
   */
  constructor(atOnce: number, waiting: number, work: () => number = worked) {
    [this.#atOnce, this.#waiting, this.#work] = [atOnce, waiting, work];
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
    const before = this.#work();
    try {
      return await work();
    } finally {
      const took = this.#work() - before;
      const now = performance.now();
      this.#running--;
      client.running--;
      client.seen = now;
      this.#charge(client, now, took);
      if (took > LONG) client.restsUntil = Math.max(client.restsUntil, now) + REST * took;
      this.#next();
    }
  }

  #client(address: string): Client {
    const known = this.#clients.get(address);
    if (known) return known;
    const now = performance.now();
    const client = { spent: 0, at: now, seen: now, restsUntil: 0, running: 0, queue: [], patient: [] };
    this.#clients.set(address, client);
    return client;
  }

  #charge(client: Client, now: number, milliseconds: number): void {
    client.spent = client.spent * 0.5 ** ((now - client.at) / HALF_LIFE) + milliseconds;
    client.at = now;
  }

  #next(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
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
      client.seen = performance.now();
      waiting.begin();
    }
  }

  /** Who is next; null when nobody waits, or all who do rest: then it is looked at again. */
  #leastServed(): Client | null {
    const now = performance.now();
    let least: Client | null = null;
    let isAnyResting = false;
    for (const [address, client] of this.#clients) {
      this.#charge(client, now, 0);
      const isIdle = client.queue.length + client.patient.length === 0;
      if (isIdle) {
        const isForgotten = client.running === 0 && client.spent < FORGOTTEN && client.restsUntil < now;
        if (isForgotten && now - client.seen > PRESENT) this.#clients.delete(address);
      } else if (client.restsUntil > now && this.#isOtherThere(client, now)) isAnyResting = true;
      else if (!least || isServedLess(client, least)) least = client;
    }
    if (!least && isAnyResting) this.#timer = setTimeout(() => this.#next(), PRESENT / 10);
    return least;
  }

  #isOtherThere(client: Client, now: number): boolean {
    for (const other of this.#clients.values())
      if (other !== client && (other.running > 0 || now - other.seen < PRESENT)) return true;
    return false;
  }
}

const isServedLess = (one: Client, other: Client) =>
  one.running === other.running ? one.spent < other.spent : one.running < other.running;
