import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { encodeEvent, encodeSnapshot, HEARTBEAT, type KeptOrder } from '@tidemark/sdk';
import type { OrderChange } from './orderService.ts';

export interface StreamLimits {
  /** Streams at once, and of one address. */
  readonly total: number;
  readonly perAddress: number;
  /** Events that a reader may be behind. */
  readonly behind: number;
  /** Milliseconds within which a reader has to take what was sent. */
  readonly drain: number;
  /** Milliseconds between two signs of life. */
  readonly heartbeat: number;
  /** Events from which a stream can be resumed. */
  readonly resumable: number;
}

export const DEFAULT_STREAM_LIMITS: StreamLimits = {
  total: 256,
  perAddress: 8,
  behind: 1_024,
  drain: 20_000,
  heartbeat: 15_000,
  resumable: 2_048,
};

/** Whose changes are streamed. */
export interface OrderSource {
  snapshot(): KeptOrder[];
  subscribe(listener: (change: OrderChange) => void): () => void;
}

interface Reader {
  readonly address: string;
  readonly response: ServerResponse;
  push(frame: string): void;
}

/** Server-sent events to any number of readers, none of whom can make it keep much: one that reads too slowly is cut off. */
export class Streams {
  readonly #source: OrderSource;
  readonly #limits: StreamLimits;
  readonly #readers = new Set<Reader>();
  /** Ids count within this process's life only. */
  readonly #epoch = randomBytes(6).toString('hex');
  readonly #recent: string[] = [];
  readonly #ends: (() => void)[];
  #count = 0;

  constructor(source: OrderSource, limits: StreamLimits = DEFAULT_STREAM_LIMITS) {
    [this.#source, this.#limits] = [source, limits];
    const beat = setInterval(() => {
      for (const { response } of this.#readers) if (!response.writableNeedDrain) response.write(HEARTBEAT);
    }, limits.heartbeat);
    beat.unref();
    this.#ends = [source.subscribe((change) => this.#publish(change)), () => clearInterval(beat)];
  }

  get size(): number {
    return this.#readers.size;
  }

  /** Whether an address may have one more. */
  hasRoom(address: string): boolean {
    const { total, perAddress } = this.#limits;
    const own = [...this.#readers].filter((reader) => reader.address === address).length;
    return this.#readers.size < total && own < perAddress;
  }

  /** Streams to a response until it ends. @param lastId Of the last event that the reader had before. */
  async serve(response: ServerResponse, address: string, lastId: string): Promise<void> {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.flushHeaders();
    const queue: string[] = [];
    let wake = () => {};
    const reader: Reader = {
      address,
      response,
      push: (frame) => {
        queue.push(frame);
        if (queue.length > this.#limits.behind) response.destroy();
        wake();
      },
    };
    const closed = new Promise<void>((resolve) => response.once('close', resolve));
    const first = this.#missed(lastId) ?? encodeSnapshot(this.#source.snapshot(), this.#id());
    this.#readers.add(reader);
    try {
      for (const frame of first) if (!(await this.#send(response, frame))) return;
      while (!response.destroyed) {
        const frame = queue.shift();
        if (frame !== undefined) await this.#send(response, frame);
        else {
          const more = new Promise<void>((resolve) => {
            wake = resolve;
          });
          await Promise.race([more, closed]);
        }
      }
    } finally {
      this.#readers.delete(reader);
    }
  }

  /** Ends all streams. */
  close(): void {
    for (const end of this.#ends) end();
    for (const { response } of this.#readers) response.destroy();
  }

  #id(): string {
    return `${this.#epoch}-${this.#count}`;
  }

  #publish(change: OrderChange): void {
    this.#count++;
    const frame = encodeEvent(change, this.#id());
    this.#recent.push(frame);
    if (this.#recent.length > this.#limits.resumable) this.#recent.shift();
    for (const reader of this.#readers) reader.push(frame);
  }

  /** What came after an event; null when that is not known any more. */
  #missed(lastId: string): string[] | null {
    const [, epoch, number] = /^([0-9a-f]{12})-(\d{1,15})$/.exec(lastId) ?? [];
    const missed = this.#count - Number(number);
    if (epoch !== this.#epoch || missed < 0 || missed > this.#recent.length) return null;
    // The id again, so that who missed nothing hears at once that it is resumed.
    return [`id: ${lastId}\n\n`, ...this.#recent.slice(this.#recent.length - missed)];
  }

  /** @returns Whether the reader is still there; one that does not take it in time is cut off. */
  async #send(response: ServerResponse, frame: string): Promise<boolean> {
    if (response.destroyed) return false;
    if (response.write(frame)) return true;
    return new Promise((resolve) => {
      const timer = setTimeout(() => response.destroy(), this.#limits.drain);
      const settle = () => {
        clearTimeout(timer);
        response.off('drain', settle).off('close', settle);
        resolve(!response.destroyed);
      };
      response.on('drain', settle).on('close', settle);
    });
  }
}
