import { createServer, type Socket } from 'node:net';
import { PGlite } from '@electric-sql/pglite';

/** "SSL?" of a client, and "no" to it. */
const SSL_REQUEST = 80_877_103;
const NO = Buffer.from('N');

/** A Postgres on a port of this machine, in this process: one session, whoever connects. */
export async function startWire(): Promise<{ url: string; end(): Promise<void> }> {
  const db = await PGlite.create('memory://');
  let turn: Promise<unknown> = Promise.resolve();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    let [rest, started] = [Buffer.alloc(0), false];
    socket.on('data', (bytes: Buffer) => {
      rest = Buffer.concat([rest, bytes]);
      for (;;) {
        // The first messages have no type before their length.
        const head = started ? 1 : 0;
        if (rest.length < head + 4) return;
        const length = head + rest.readUInt32BE(head);
        if (rest.length < length) return;
        const message = rest.subarray(0, length);
        rest = rest.subarray(length);
        if (!started && message.length === 8 && message.readUInt32BE(4) === SSL_REQUEST) socket.write(NO);
        else {
          started = true;
          turn = turn.then(async () => socket.write(await db.execProtocolRaw(message)));
        }
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `postgres://postgres:postgres@127.0.0.1:${port}/postgres`,
    end: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await turn.catch(() => {});
      await db.close();
    },
  };
}
