import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';
import { type Address, isAddress } from 'viem';
import { DevnetError } from './errors.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
};

/** What the page is served with. */
export interface AppServerOptions {
  readonly port: number;
  /** Folder of the built page. */
  readonly folder: string;
  /** Sent as `/config.json`. */
  readonly config: unknown;
  /** Sent as `/wallet.js`: the local test wallet. */
  readonly wallet: string;
  /** Gives gas and test USDC. */
  readonly faucet: (to: Address) => Promise<void>;
}

/** @throws {DevnetError} When there is no built page in the folder. */
export function requirePage(folder: string): void {
  if (existsSync(join(folder, 'index.html'))) return;
  throw new DevnetError(`No built page in ${folder}.`, 'Run "npm run build".');
}

/**
 * Serves the page, its configuration, the test wallet and the faucet.
 * @throws {DevnetError} When the page has not been built or the port is taken.
 */
export async function serveApp(options: AppServerOptions): Promise<{ close(): Promise<void> }> {
  const { port, folder } = options;
  requirePage(folder);
  const server = createServer((request, response) => {
    answer(request, response, options).catch((error: Error) => {
      if (!response.headersSent) response.writeHead(500);
      response.end(`${error.message.split('\n')[0]}\n`);
    });
  });
  await listen(server, port);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', () => reject(new DevnetError(`Port ${port} is in use.`, 'Choose another with --port.')));
    server.listen(port, '127.0.0.1', resolve);
  });
}

async function answer(request: IncomingMessage, response: ServerResponse, options: AppServerOptions): Promise<void> {
  const path = request.url ?? '/';
  if (!URL.canParse(path, 'http://localhost')) return send(response, 400, 'text/plain', `${path} is no path.\n`);
  const { pathname } = new URL(path, 'http://localhost');
  response.setHeader('x-content-type-options', 'nosniff');
  if (pathname === '/faucet' && request.method === 'POST') return faucet(request, response, options);
  if (request.method !== 'GET' && request.method !== 'HEAD') return send(response, 405, 'text/plain', 'GET only.\n');
  if (pathname === '/config.json') return send(response, 200, 'application/json', JSON.stringify(options.config));
  if (pathname === '/wallet.js') return send(response, 200, 'text/javascript; charset=utf-8', options.wallet);
  const wanted = normalize(join(options.folder, decoded(pathname)));
  const found =
    wanted.startsWith(`${normalize(options.folder)}${sep}`) && existsSync(wanted) && statSync(wanted).isFile();
  const file = found ? wanted : join(options.folder, 'index.html');
  response.writeHead(200, {
    'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
    'content-security-policy': policy(options.config as Addresses),
    'cache-control': pathname.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-store',
  });
  createReadStream(file).pipe(response);
}

/** A path that is not encoded as paths are is taken as it is. */
function decoded(pathname: string): string {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return pathname;
  }
}

interface Addresses {
  readonly rpc: string;
  readonly prices: string;
  readonly metadata: string;
  readonly orders: string;
}

/** Nothing but this machine's own addresses. */
function policy({ rpc, prices, metadata, orders }: Addresses): string {
  const sockets = rpc.replace(/^http/, 'ws');
  const own = "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; base-uri 'none'";
  return `${own}; connect-src 'self' ${rpc} ${sockets} ${prices} ${metadata} ${orders}; frame-ancestors 'none'; form-action 'none'`;
}

async function faucet(request: IncomingMessage, response: ServerResponse, { faucet }: AppServerOptions): Promise<void> {
  let body = '';
  for await (const chunk of request) {
    body += chunk;
    if (body.length > 1000) return send(response, 413, 'text/plain', 'The body is too long.\n');
  }
  let address: unknown;
  try {
    address = (JSON.parse(body) as { address?: unknown }).address;
  } catch {
    return send(response, 400, 'text/plain', 'The body is not JSON: send {"address": "0x…"}.\n');
  }
  if (typeof address !== 'string' || !isAddress(address, { strict: false })) {
    return send(response, 400, 'text/plain', 'That is not an address: send {"address": "0x…"}.\n');
  }
  await faucet(address as Address);
  return send(response, 200, 'application/json', '{"ok":true}');
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
  response.end(body);
}
