import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type Hex, keccak256 } from 'viem';

/** A way to an RPC that can be lost. */
export interface Gate {
  readonly url: string;
  /** From now on every connection breaks, until it opens again. */
  close(): void;
  open(): void;
  /** The next transaction that calls a function reaches the chain, but the answer never comes; it closes the gate. */
  closeAfter(selector: Hex): void;
  /** Transactions that call one of these functions are taken, but reach the chain only when they are released. */
  hold(...selectors: readonly Hex[]): void;
  /** What was held reaches the chain, in the order in which it came. */
  release(): Promise<void>;
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
  let held: readonly string[] = [];
  let holding: Hex[] = [];
  const pass = async (body: unknown) => {
    const headers = { 'content-type': 'application/json' };
    return fetch(rpc, { method: 'POST', headers, body: JSON.stringify(body) });
  };
  /** Takes out what is held, and answers that. */
  const take = (asked: readonly Asked[]) => {
    const isHeld = ({ method, params }: Asked) =>
      method === 'eth_sendRawTransaction' && held.some((selector) => params[0]?.includes(selector));
    const taken = asked.filter(isHeld).map(({ id, params: [raw = '0x'] }) => {
      holding.push(raw);
      return { jsonrpc: '2.0', id, result: keccak256(raw) };
    });
    return { taken, rest: asked.filter((one) => !isHeld(one)) };
  };
  const server = createServer(async (request, response) => {
    const lost = () => request.socket.destroy();
    const body = await text(request as IncomingMessage);
    if (!isOpen) return lost();
    const sends = (selector?: string) => selector && /"eth_sendRawTransaction"/.test(body) && body.includes(selector);
    if (sends(last)) isOpen = false;
    const asked = JSON.parse(body) as Asked | Asked[];
    const { taken, rest } = take([asked].flat());
    const answers = rest.length > 0 ? ([await (await pass(rest)).json()].flat() as Answer[]) : [];
    const told = change([asked].flat(), [...taken, ...answers], changes);
    if (!isOpen) return lost();
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(Array.isArray(asked) ? told : told[0]));
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
    hold: (...selectors) => {
      held = selectors.map((selector) => selector.slice(2));
    },
    release: async () => {
      const sent = holding;
      holding = [];
      for (const raw of sent) await pass({ jsonrpc: '2.0', id: 1, method: 'eth_sendRawTransaction', params: [raw] });
    },
    end: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

interface Asked {
  readonly id: number;
  readonly method: string;
  readonly params: readonly Hex[];
}

interface Answer {
  readonly id: number;
  readonly result?: unknown;
}

/** The answers to what was asked, some changed. */
function change(asked: readonly Asked[], answers: readonly Answer[], changes: Changes): Answer[] {
  const methods = new Map(asked.map(({ id, method }) => [id, method]));
  return answers.map((answer) => {
    const make = changes[methods.get(answer.id) ?? ''];
    return make && answer.result !== undefined ? { ...answer, result: make(answer.result) } : answer;
  });
}
