import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';

/** A gateway's double: one field whose value a test sets, by HTTP and by graphql-transport-ws. */
export interface HistoryServer {
  readonly url: string;
  readonly port: number;
  /** Changes what is answered, and tells all subscriptions. */
  set(price: unknown): void;
  /** Refuses the subscriptions there are. */
  refuse(message: string): void;
  /** Ends every connection. */
  cut(code: number, reason: string): void;
  /** Lets the connections there are be silent for ever; not those made later. */
  freeze(): void;
  /** Connections that were made so far. */
  readonly connections: number;
  readonly asked: readonly { query: string; variables: unknown }[];
  close(): Promise<void>;
}

/** @param answer Answers by HTTP instead. */
export async function startHistoryServer(
  port = 0,
  answer?: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<HistoryServer> {
  let price: unknown = '1';
  let connections = 0;
  const asked: { query: string; variables: unknown }[] = [];
  const open = new Map<WebSocket, Set<string>>();
  const server = createServer(async (request, response) => {
    if (answer) return answer(request, response);
    let body = '';
    for await (const chunk of request) body += chunk;
    asked.push(JSON.parse(body));
    response.setHeader('content-type', 'application/graphql-response+json');
    response.end(JSON.stringify({ data: { price } }));
  });
  const sockets = new WebSocketServer({ server, path: '/graphql', handleProtocols: () => 'graphql-transport-ws' });
  const send = (socket: WebSocket, message: object) => socket.send(JSON.stringify(message));
  const tell = (socket: WebSocket, id: string) => send(socket, { id, type: 'next', payload: { data: { price } } });
  sockets.on('connection', (socket) => {
    connections++;
    const subscriptions = new Set<string>();
    open.set(socket, subscriptions);
    socket.once('close', () => open.delete(socket));
    socket.on('message', (data) => {
      const { id, type, payload } = JSON.parse(String(data));
      if (type === 'connection_init') send(socket, { type: 'connection_ack' });
      if (type === 'ping') send(socket, { type: 'pong' });
      if (type === 'complete') subscriptions.delete(id);
      if (type !== 'subscribe') return;
      asked.push(payload);
      subscriptions.add(id);
      tell(socket, id);
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address();
  const own = typeof address === 'object' && address ? address.port : port;
  const each = (act: (socket: WebSocket, id: string) => void) => {
    for (const [socket, ids] of open) for (const id of ids) act(socket, id);
  };
  return {
    url: `http://127.0.0.1:${own}/graphql`,
    port: own,
    set: (value) => {
      price = value;
      each(tell);
    },
    refuse: (message) => each((socket, id) => send(socket, { id, type: 'error', payload: [{ message }] })),
    cut: (code, reason) => {
      for (const socket of open.keys()) socket.close(code, reason);
    },
    freeze: () => {
      for (const socket of open.keys()) socket.pause();
    },
    get connections() {
      return connections;
    },
    asked,
    close: () =>
      new Promise((resolve) => {
        for (const socket of open.keys()) socket.terminate();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
