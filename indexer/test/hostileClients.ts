import { connect } from 'node:net';
import WebSocket from 'ws';

/** From where hostile clients come, so that they are not taken for the others of this machine. */
const HOSTILE_ADDRESS = '127.0.0.2';

export interface Outcome {
  /** What the client was told at its end: HTTP's status or the WebSocket's close code, and words. */
  readonly code: number;
  readonly words: string;
}

/** Sends text over TCP, and hears all of the answer. @param parts Sent one after another, a pause between them. */
export function tcp(port: number, parts: readonly string[], pauseMs = 0): Promise<Outcome> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', localAddress: HOSTILE_ADDRESS });
    let heard = '';
    const rest = [...parts];
    const timer = setInterval(() => {
      const part = rest.shift();
      if (part !== undefined && !socket.destroyed) socket.write(part);
    }, pauseMs);
    socket.on('data', (chunk) => {
      heard += chunk;
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      clearInterval(timer);
      resolve({ code: Number(/^HTTP\/1\.1 (\d+)/.exec(heard)?.[1] ?? 0), words: heard });
    });
  });
}

/** Posts a body. */
export function post(port: number, body: string): Promise<Outcome> {
  const head = `POST /graphql HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`;
  return tcp(port, [head + body]);
}

export const query = (port: number, text: string) => post(port, JSON.stringify({ query: text }));

/** A WebSocket of which everything is in the hands of whoever has it. */
export class RawSocket {
  readonly socket: WebSocket;
  readonly messages: { id?: string; type: string; payload?: unknown }[] = [];
  readonly closed: Promise<Outcome>;
  readonly opened: Promise<void>;

  constructor(port: number, protocol: string | null = 'graphql-transport-ws') {
    this.socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`, protocol ? [protocol] : [], {
      localAddress: HOSTILE_ADDRESS,
    });
    this.socket.on('message', (message) => this.messages.push(JSON.parse(String(message))));
    this.socket.on('error', () => {});
    this.opened = new Promise((resolve) => this.socket.once('open', resolve));
    this.closed = new Promise((resolve) =>
      this.socket.once('close', (code, words) => resolve({ code, words: String(words) })),
    );
  }

  send(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** Begins as the protocol says. */
  async begin(): Promise<this> {
    await this.opened;
    this.send({ type: 'connection_init' });
    await this.#until(({ type }) => type === 'connection_ack');
    return this;
  }

  subscribe(id: string, text: string): void {
    this.send({ id, type: 'subscribe', payload: { query: text } });
  }

  /** The first message about an operation. */
  about(id: string): Promise<{ type: string; payload?: unknown }> {
    return this.#until((message) => message.id === id);
  }

  /** Reads nothing any more. */
  stopReading(): void {
    this.socket.pause();
  }

  #until(isIt: (message: RawSocket['messages'][number]) => boolean): Promise<RawSocket['messages'][number]> {
    return new Promise((resolve) => {
      const check = () => {
        const found = this.messages.find(isIt);
        if (!found) return;
        this.socket.off('message', check);
        resolve(found);
      };
      this.socket.on('message', check);
      check();
    });
  }
}
