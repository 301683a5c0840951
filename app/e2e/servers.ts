import { createReadStream, existsSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { aggregatorAbi, derivativesEngineAbi, priceOracleAbi, riskManagerAbi } from '@tidemark/sdk';
import { type Abi, decodeFunctionData, encodeFunctionResult, erc20Abi, type Hex, toHex } from 'viem';
import { logs } from './logs.ts';
import { candles, config, head, markets, now, stillWorld, view, type World, wallet } from './scene.ts';

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
  params: readonly unknown[];
}

interface Block {
  number: Hex;
  timestamp: Hex;
}

const blockAt = (number: number): Block => ({ number: toHex(number), timestamp: toHex(now + (number - head) * 2) });

function answer(world: World, { method, params }: Call): unknown {
  const newest = head + Math.floor(world.seconds / 2);
  switch (method) {
    case 'eth_blockNumber':
      return toHex(newest);
    case 'eth_getBlockByNumber':
      return { ...blockAt(params[0] === 'latest' ? newest : Number(params[0])), transactions: [] };
    case 'eth_getBalance':
      return toHex(10n ** 18n);
    case 'eth_getLogs': {
      const { fromBlock, toBlock } = params[0] as { fromBlock: Hex; toBlock: Hex };
      return logs().filter(({ blockNumber: at }) => Number(at) >= Number(fromBlock) && Number(at) <= Number(toBlock));
    }
    case 'eth_chainId':
      return toHex(10);
    case 'eth_call': {
      const { to, data } = params[0] as { to: Hex; data: Hex };
      const { functionName, args = [] } = decodeFunctionData({ abi: abis, data });
      return encodeFunctionResult({ abi: abis, functionName, result: view(world, functionName, args, to) });
    }
    default:
      throw new Error(`The picture has no ${method}.`);
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += chunk;
  return body;
}

const rpc =
  (world: World): RequestListener =>
  async (request, response) => {
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('access-control-allow-headers', '*');
    const body = await bodyOf(request);
    if (!world.chain) return response.writeHead(503).end();
    if (body === '') return response.end();
    const calls = JSON.parse(body) as Call | Call[];
    const reply = (call: Call) => ({ jsonrpc: '2.0', id: call.id, result: answer(world, call) });
    response.end(JSON.stringify(Array.isArray(calls) ? calls.map(reply) : reply(calls)));
  };

const message = ({ seconds, eth }: World) =>
  JSON.stringify({
    binary: { encoding: 'hex', data: ['00'] },
    parsed: markets.map(({ feedId, symbol, price }) => ({
      id: feedId.slice(2),
      price: {
        price: `${Math.round((symbol === 'ETH' ? eth : price) * 1e8)}`,
        conf: `${Math.round(price * 2e4)}`,
        expo: -8,
        publish_time: now + seconds - 1,
      },
    })),
  });

const prices =
  (world: World, streams: Set<ServerResponse>): RequestListener =>
  (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    response.setHeader('access-control-allow-origin', '*');
    if (!world.prices) return response.writeHead(503).end();
    if (pathname.endsWith('/stream')) {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`data: ${message(world)}\n\n`);
      return streams.add(response);
    }
    if (pathname.endsWith('/latest')) return response.end(message(world));
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

/** A page's exchange that stands still until its world is changed. */
export interface Picture {
  url: string;
  world: World;
  /** Tells the present prices to whoever listens. */
  tick(): void;
  /** Breaks the price streams. */
  cut(): void;
  close(): void;
}

/** Serves the built page with a picture of an exchange. */
export async function servePicture(): Promise<Picture> {
  const world = stillWorld();
  const streams = new Set<ServerResponse>();
  const chain = await listen(rpc(world));
  const server = await listen(prices(world, streams));
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
  return {
    url: app.url,
    world,
    tick: () => {
      for (const stream of streams) stream.write(`data: ${message(world)}\n\n`);
    },
    cut: () => {
      for (const stream of streams) stream.destroy();
      streams.clear();
    },
    close: () => {
      for (const { server: each } of [chain, server, app]) {
        each.close();
        each.closeAllConnections();
      }
    },
  };
}
