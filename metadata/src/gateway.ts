import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  cidOf,
  decodeMetadata,
  MAX_METADATA_BYTES,
  MetadataTooLargeError,
  metadataDigest,
  TidemarkError,
} from '@tidemark/sdk';
import type { BlockStore } from './blockStore.ts';
import { digestOf } from './cid.ts';
import { GatewayPortError } from './errors.ts';

export interface GatewayOptions {
  /** Default 127.0.0.1, this machine alone. */
  host?: string;
  /** Zero takes any free port. */
  port: number;
  store: BlockStore;
  /** Uploads are taken while the store has fewer blocks, of 256 kB each at most; zero takes none. */
  maxBlocks: number;
  /** Is told, in one line, of what fails and of blocks that are damaged. */
  warn: (line: string) => void;
}

/** A running gateway. */
export interface Gateway {
  readonly port: number;
  close(): Promise<void>;
}

/** Milliseconds within which a request has to be here. */
const REQUEST_TIMEOUT = 30_000;
/** Each may hold a block in memory. */
const MAX_CONNECTIONS = 200;

/**
 * Serves blocks at `/ipfs/CID`, raw, as IPFS gateways do, and takes valid metadata by `POST /blocks`, from anybody.
 * @throws {GatewayPortError} When the port is taken.
 */
export async function startGateway({ host = '127.0.0.1', port, ...options }: GatewayOptions): Promise<Gateway> {
  const { warn } = options;
  const keep = keeper(options);
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT }, (request, response) => {
    answer(request, response, options.store, keep).catch((error: Error) => {
      warn(error instanceof TidemarkError ? error.line : error.message);
      if (response.headersSent) response.destroy();
      else refuse(response, 500, 'The store failed: ask again later.');
    });
  });
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(new GatewayPortError(host, port, cause)));
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Keeps a block unless that would be one too many, which is false. One after the other, so that the count is true. */
function keeper({ store, maxBlocks }: Pick<GatewayOptions, 'store' | 'maxBlocks'>) {
  if (maxBlocks === 0) return undefined;
  let last: Promise<unknown> = Promise.resolve();
  return (bytes: Uint8Array): Promise<boolean> => {
    const turn = last.then(async () => {
      if ((await store.count()) >= maxBlocks && !(await store.get(metadataDigest(bytes)))) return false;
      await store.put(bytes);
      return true;
    });
    last = turn.catch(() => {});
    return turn;
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  store: BlockStore,
  keep: ReturnType<typeof keeper>,
): Promise<void> {
  response.setHeader('access-control-allow-origin', '*');
  response.setHeader('x-content-type-options', 'nosniff');
  const path = request.url ?? '/';
  if (!URL.canParse(path, 'http://localhost')) return refuse(response, 400, 'That is no path.');
  const { pathname, searchParams } = new URL(path, 'http://localhost');
  const cid = /^\/ipfs\/([^/]*)$/.exec(pathname)?.[1];
  const methods = pathname === '/blocks' ? ['POST'] : ['GET', 'HEAD'];
  if (pathname !== '/blocks' && cid === undefined) {
    return refuse(response, 404, 'Blocks are served at /ipfs/CID and taken at /blocks.');
  }
  if (request.method === 'OPTIONS') {
    response.writeHead(204, {
      'access-control-allow-methods': methods.join(', '),
      'access-control-allow-headers': 'content-type',
    });
    response.end();
    return;
  }
  if (!methods.includes(request.method ?? '')) {
    response.setHeader('allow', methods.join(', '));
    return refuse(response, 405, `${methods.join(' or ')} only.`);
  }
  if (cid === undefined) return take(request, response, keep);
  if ((searchParams.get('format') ?? 'raw') !== 'raw') return refuse(response, 400, 'Blocks are served as raw only.');
  return serve(cid, request, response, store);
}

async function serve(
  cid: string,
  request: IncomingMessage,
  response: ServerResponse,
  store: BlockStore,
): Promise<void> {
  const digest = digestOf(cid);
  if (digest === undefined) {
    return refuse(response, 400, 'That is no CID of metadata: f01551220 and 64 digits, or the same in base32.');
  }
  const bytes = await store.get(digest);
  if (bytes === undefined) return refuse(response, 404, `${cid} is not here.`);
  const etag = `"${cidOf(digest)}.raw"`;
  response.setHeader('etag', etag);
  response.setHeader('cache-control', 'public, max-age=31536000, immutable');
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304).end();
    return;
  }
  response.writeHead(200, {
    'content-type': 'application/vnd.ipld.raw',
    'content-length': bytes.length,
    // A stranger's bytes are nothing to show.
    'content-disposition': `attachment; filename="${cidOf(digest)}.bin"`,
  });
  response.end(request.method === 'HEAD' ? undefined : bytes);
}

async function take(
  request: IncomingMessage,
  response: ServerResponse,
  keep: ReturnType<typeof keeper>,
): Promise<void> {
  if (!keep) return refuse(response, 403, 'No metadata is taken here.');
  const bytes = await bodyOf(request);
  if (!bytes) {
    // The rest is received, and dropped, so that the sender hears the answer.
    request.resume();
    return refuse(response, 413, new MetadataTooLargeError(MAX_METADATA_BYTES).line);
  }
  const digest = metadataDigest(bytes);
  try {
    decodeMetadata(bytes, digest);
  } catch (error) {
    return refuse(response, 400, (error as TidemarkError).line);
  }
  if (!(await keep(bytes))) return refuse(response, 507, 'No more metadata is taken here: the store is full.');
  response.writeHead(201, { 'content-type': 'application/json', location: `/ipfs/${cidOf(digest)}` });
  response.end(JSON.stringify({ cid: cidOf(digest) }));
}

/** What is sent; undefined when it is more than metadata may have, of which nothing is kept. */
async function bodyOf(request: IncomingMessage): Promise<Uint8Array | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_METADATA_BYTES) return undefined;
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_METADATA_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function refuse(response: ServerResponse, status: number, line: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
  response.end(`${line}\n`);
}
