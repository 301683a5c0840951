import { createReadStream, existsSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { aggregatorAbi, derivativesEngineAbi, priceOracleAbi, riskManagerAbi } from '@tidemark/sdk';
import { type Abi, decodeFunctionData, encodeFunctionResult, erc20Abi, type Hex, toHex } from 'viem';
import { logs } from './logs.ts';
import { candles, config, markets, now, view, wallet } from './scene.ts';

const dist = fileURLToPath(new URL('../dist', import.meta.url));
const types: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};
const abis: Abi = [derivativesEngineAbi, riskManagerAbi, erc20Abi, priceOracleAbi, aggregatorAbi].flat();

interface Call {
  id: number;
  method: string;
  params: [{ to: Hex; data: Hex; input?: Hex }];
}

function answer({ method, params }: Call): unknown {
  if (method === 'eth_getBlockByNumber') return { number: toHex(128_441_902), timestamp: toHex(now), transactions: [] };
  if (method === 'eth_getBalance') return toHex(10n ** 18n);
  if (method === 'eth_getLogs') return logs();
  if (method === 'eth_chainId') return toHex(10);
  if (method !== 'eth_call') throw new Error(`The picture has no ${method}.`);
  const { functionName, args = [] } = decodeFunctionData({ abi: abis, data: params[0].data ?? params[0].input });
  return encodeFunctionResult({ abi: abis, functionName, result: view(functionName, args, params[0].to) });
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += chunk;
  return body;
}

const rpc: RequestListener = async (request, response) => {
  response.setHeader('access-control-allow-origin', '*');
  response.setHeader('access-control-allow-headers', '*');
  const body = await bodyOf(request);
  if (body === '') return response.end();
  const calls = JSON.parse(body) as Call | Call[];
  const reply = (call: Call) => ({ jsonrpc: '2.0', id: call.id, result: answer(call) });
  response.end(JSON.stringify(Array.isArray(calls) ? calls.map(reply) : reply(calls)));
};

const message = () =>
  JSON.stringify({
    binary: { encoding: 'hex', data: ['00'] },
    parsed: markets.map(({ feedId, price }) => ({
      id: feedId.slice(2),
      price: {
        price: `${Math.round(price * 1e8)}`,
        conf: `${Math.round(price * 2e4)}`,
        expo: -8,
        publish_time: now - 1,
      },
    })),
  });

const prices: RequestListener = (request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  response.setHeader('access-control-allow-origin', '*');
  if (pathname.endsWith('/stream')) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`data: ${message()}\n\n`);
    return;
  }
  if (pathname.endsWith('/latest')) return response.end(message());
  const number = (name: string) => Number(searchParams.get(name));
  const span = { interval: number('interval'), from: number('from'), to: number('to') };
  response.end(JSON.stringify(candles(searchParams.get('symbol') ?? '', span)));
};

const listen = (listener: RequestListener): Promise<{ server: Server; url: string }> =>
  new Promise((resolve) => {
    const server = createServer(listener);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve({ server, url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}` });
    });
  });

/** Serves the built page with a still picture of an exchange. */
export async function servePicture(): Promise<{ url: string; close: () => void }> {
  const chain = await listen(rpc);
  const server = await listen(prices);
  const app = await listen((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname === '/config.json') return response.end(JSON.stringify(config(chain.url, server.url)));
    const path = join(dist, pathname === '/' ? 'index.html' : pathname);
    const type = pathname === '/wallet.js' ? 'text/javascript' : (types[extname(path)] ?? 'application/octet-stream');
    response.setHeader('content-type', type);
    if (pathname === '/wallet.js') return response.end(wallet);
    if (!existsSync(path)) return response.writeHead(404).end();
    createReadStream(path).pipe(response);
  });
  const all = [chain.server, server.server, app.server];
  return {
    url: app.url,
    close: () => {
      for (const each of all) {
        each.close();
        each.closeAllConnections();
      }
    },
  };
}
