import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Hex } from 'viem';

/** A way to an RPC that can be lost. */
export interface Gate {
  readonly url: string;
  /** From now on every connection breaks, until it opens again. */
  close(): void;
  open(): void;
  /** The next transaction that calls a function reaches the chain, but the answer never comes; it closes the gate. */
  closeAfter(selector: Hex): void;
  /** Transactions that call one of these functions reach the chain two at a time: neither sender has seen the other's. */
  pairUp(...selectors: readonly Hex[]): void;
  /** Lets a transaction go that waits for a second one. */
  letGo(): void;
  end(): Promise<void>;
}

type Changes = Readonly<Record<string, (result: unknown) => unknown>>;

/**
 * Passes requests on to `rpc`.
 * @param changes Makes of what the chain answers to some methods, by their names, what is passed on.
 */
export async function startGate(rpc: string, changes: Changes = {}): Promise<Gate> {
  let isOpen = true;
  let last: string | undefined;
  let paired: readonly string[] = [];
  let letGo: (() => void) | undefined;
  const partner = async () => {
    if (!letGo) {
      return new Promise<void>((resolve) => {
        letGo = resolve;
      });
    }
    letGo();
    letGo = undefined;
  };
  const server = createServer(async (request, response) => {
    const lost = () => request.socket.destroy();
    const body = await text(request as IncomingMessage);
    if (!isOpen) return lost();
    const sends = (selector?: string) => selector && /"eth_sendRawTransaction"/.test(body) && body.includes(selector);
    if (paired.some(sends)) await partner();
    if (sends(last)) isOpen = false;
    const answer = await fetch(rpc, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    const told = change(body, await answer.text(), changes);
    if (!isOpen) return lost();
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end(told);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      isOpen = false;
    },
    open: () => {
      [isOpen, last] = [true, undefined];
    },
    closeAfter: (selector) => {
      last = selector.slice(2);
    },
    pairUp: (...selectors) => {
      paired = selectors.map((selector) => selector.slice(2));
    },
    letGo: () => {
      letGo?.();
      letGo = undefined;
    },
    end: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The answers to the requests of a body, some changed. */
function change(body: string, answers: string, changes: Changes): string {
  if (!Object.keys(changes).some((method) => body.includes(`"${method}"`))) return answers;
  const methods = new Map([JSON.parse(body)].flat().map(({ id, method }) => [id, method as string]));
  const one = (answer: { id: unknown; result?: unknown }) => {
    const make = changes[methods.get(answer.id) ?? ''];
    return make && answer.result !== undefined ? { ...answer, result: make(answer.result) } : answer;
  };
  const parsed = JSON.parse(answers);
  return JSON.stringify(Array.isArray(parsed) ? parsed.map(one) : one(parsed));
}
