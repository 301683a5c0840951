import { OrderServiceMalformedError } from './orderServiceErrors.ts';
import {
  decodeBytes,
  decodeKept,
  decodeReason,
  encodeKept,
  type KeptOrder,
  ORDER_SERVICE_VERSION,
  type OrderServiceEvent,
  versioned,
} from './orderServiceWire.ts';

// The stream of an order service: server-sent events, each with its data in one line of JSON.

/** An event with its id; a part of a snapshot has none, nor has a heartbeat an event. */
export interface StreamChunk {
  id: string;
  event: OrderServiceEvent | null;
}

/** Orders in one part of a snapshot. */
export const SNAPSHOT_PART = 200;
/** Characters of one event at most: a part of a snapshot whose signatures are as long as they may be. */
const MAX_EVENT = 4_000_000;
/** Orders of a snapshot at most. */
const MAX_SNAPSHOT = 1_000_000;

const frame = (event: string, data: object, id?: string) =>
  `${id ? `id: ${id}\n` : ''}event: ${event}\ndata: ${JSON.stringify({ version: ORDER_SERVICE_VERSION, ...data })}\n\n`;

/** What keeps a stream alive. */
export const HEARTBEAT = ': alive\n\n';

/** One change as it is sent. */
export function encodeEvent(event: Exclude<OrderServiceEvent, { event: 'snapshot' }>, id: string): string {
  if (event.event === 'placed') return frame('placed', { order: encodeKept(event.order) }, id);
  return frame(event.event, { id: event.id, ...(event.event === 'gone' && { reason: event.reason }) }, id);
}

/** A snapshot as it is sent, part by part; only the last has an id, so that a broken one is not resumed. */
export function* encodeSnapshot(orders: readonly KeptOrder[], id: string): Generator<string> {
  for (let from = 0; from === 0 || from < orders.length; from += SNAPSHOT_PART) {
    const [first, last] = [from === 0, from + SNAPSHOT_PART >= orders.length];
    const part = orders.slice(from, from + SNAPSHOT_PART).map(encodeKept);
    yield frame('snapshot', { first, last, orders: part }, last ? id : undefined);
  }
}

/**
 * Reads a stream. A snapshot is told when it is whole.
 * @param heard Called whenever something arrives.
 * @throws {OrderServiceMalformedError}
 */
export async function* decodeEvents(body: ReadableStream<Uint8Array>, heard: () => void): AsyncGenerator<StreamChunk> {
  const decoder = new TextDecoder();
  let [buffer, parts] = ['', [] as KeptOrder[]];
  // Not every browser iterates over a stream.
  const reader = body.getReader();
  for (;;) {
    const { done, value: bytes } = await reader.read();
    if (done) return;
    heard();
    buffer += decoder.decode(bytes, { stream: true });
    const frames = buffer.split('\n\n');
    buffer = frames.pop() ?? '';
    if (buffer.length > MAX_EVENT) throw new OrderServiceMalformedError('The stream sends an event without end.');
    for (const text of frames) {
      const { id, event, data } = fieldsOf(text);
      if (!event) {
        yield { id, event: null };
        continue;
      }
      const told = versioned(parse(data));
      if (event !== 'snapshot') {
        yield { id, event: decodeEvent(event, told) };
        continue;
      }
      if (told.first === true) parts = [];
      if (!Array.isArray(told.orders)) throw new OrderServiceMalformedError('A snapshot has no orders.');
      parts.push(...told.orders.map(decodeKept));
      if (parts.length > MAX_SNAPSHOT) throw new OrderServiceMalformedError('A snapshot has no end.');
      if (told.last !== true) continue;
      yield { id, event: { event: 'snapshot', orders: parts } };
      parts = [];
    }
  }
}

function decodeEvent(event: string, told: Record<string, unknown>): OrderServiceEvent | null {
  if (event === 'placed') return { event, order: decodeKept(told.order) };
  if (event === 'committed') return { event, id: decodeBytes(told.id, 'id', 32) };
  if (event === 'gone') return { event, id: decodeBytes(told.id, 'id', 32), reason: decodeReason(told.reason) };
  // What a later version may tell.
  return null;
}

function fieldsOf(text: string): { id: string; event: string; data: string } {
  const fields = { id: '', event: '', data: '' };
  for (const line of text.split('\n')) {
    const [, name, value = ''] = /^(id|event|data): ?(.*)$/.exec(line) ?? [];
    if (name) fields[name as keyof typeof fields] = value;
  }
  return fields;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new OrderServiceMalformedError('An event of the stream is not JSON.', cause);
  }
}
