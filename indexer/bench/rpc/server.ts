import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { type Node, Refusal } from './methods.ts';

interface Call {
  readonly id: number | string | null;
  readonly method: string;
  readonly params?: readonly unknown[];
}

/** Serves a node by HTTP and, with `eth_subscribe` of new heads, by WebSocket, on any path of a free port. */
export async function serve(node: Node): Promise<number> {
  const server = createServer(async (request, response) => {
    const body = answerAll(node, await textOf(request));
    response.writeHead(200, { 'content-type': 'application/json' }).end(body);
  });
  server.keepAliveTimeout = 60_000;
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => {
    const end = node.onHead((header) => {
      if (subscribed) socket.send(notification(header));
    });
    let subscribed = false;
    socket.on('close', end);
    socket.on('message', (data) => {
      const text = data.toString();
      if (!text.includes('"eth_subscribe"')) return socket.send(answerAll(node, text));
      subscribed = true;
      socket.send(`{"jsonrpc":"2.0","id":${JSON.stringify((JSON.parse(text) as Call).id)},"result":"0x1"}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const notification = (header: string) =>
  `{"jsonrpc":"2.0","method":"eth_subscription","params":{"subscription":"0x1","result":${header}}}`;

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function answerAll(node: Node, text: string): string {
  const calls = JSON.parse(text) as Call | readonly Call[];
  return Array.isArray(calls) ? `[${calls.map((call) => answer(node, call)).join()}]` : answer(node, calls as Call);
}

function answer(node: Node, { id, method, params = [] }: Call): string {
  const head = `{"jsonrpc":"2.0","id":${JSON.stringify(id)},`;
  try {
    return `${head}"result":${node.answer(method, params)}}`;
  } catch (error) {
    const { code, message } = error instanceof Refusal ? error : { code: -32603, message: String(error) };
    return `${head}"error":${JSON.stringify({ code, message })}}`;
  }
}
