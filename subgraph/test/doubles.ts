import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A double of an IPFS node's `add`: keeps files by a name made of their hash. */
export class IpfsDouble {
  readonly files = new Map<string, { name: string; content: Buffer; pinned: boolean }>();
  readonly #server = createServer(async (request, response) => {
    const form = await new Response(new Uint8Array(await buffer(request)), {
      headers: { 'content-type': request.headers['content-type'] ?? '' },
    })
      .formData()
      .catch(() => undefined);
    const file = form?.get('file');
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://ipfs');
    if (request.method !== 'POST' || pathname !== '/api/v0/add' || !(file instanceof File)) {
      response.writeHead(404).end();
      return;
    }
    const content = Buffer.from(await file.arrayBuffer());
    const hash = `Qm${createHash('sha256').update(content).digest('hex')}`;
    this.files.set(hash, { name: file.name, content, pinned: searchParams.get('pin') === 'true' });
    response.end(JSON.stringify({ Name: file.name, Hash: hash, Size: String(content.length) }));
  });

  start(): Promise<string> {
    return listen(this.#server);
  }

  end(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

interface Asked {
  method: string;
  params: Record<string, string>;
}

/** A double of a graph-node's admin API: names are created before they are deployed to. */
export class AdminDouble {
  readonly asked: Asked[] = [];
  readonly #names = new Set<string>();
  /** Without one everybody may. */
  readonly #key: string | undefined;
  readonly #server = createServer(async (request, response) => {
    response.setHeader('content-type', 'application/json');
    const { method, params } = JSON.parse((await buffer(request)).toString()) as Asked;
    response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, ...this.#answer(request, { method, params }) }));
  });

  constructor(key?: string) {
    this.#key = key;
  }

  start(): Promise<string> {
    return listen(this.#server);
  }

  end(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #answer(request: IncomingMessage, asked: Asked): object {
    const { method, params } = asked;
    const name = params.name ?? '';
    if (this.#key && request.headers.authorization !== `Bearer ${this.#key}`) return refusal('auth failure');
    this.asked.push(asked);
    if (method === 'subgraph_create') {
      if (this.#names.has(name)) return refusal('subgraph already exists');
      this.#names.add(name);
      return { result: { id: '1' } };
    }
    if (method !== 'subgraph_deploy') return refusal('method not found');
    if (!this.#names.has(name)) return refusal(`subgraph not found: ${name}`);
    return { result: { playground: `:8000/subgraphs/name/${name}/graphql`, queries: `:8000/subgraphs/name/${name}` } };
  }
}

const refusal = (message: string) => ({ error: { code: -32_603, message } });
