import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { base32 } from 'multiformats/bases/base32';
import { serve } from './blocks.ts';

/** Stands in for a kubo node: the part of its RPC that is used, as version 0.39 speaks it. */
export async function startKuboDouble() {
  const blocks = new Map<string, Uint8Array>();
  const pins = new Set<string>();
  const server = await serve(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://kubo');
    const json = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (request.method !== 'POST') return response.writeHead(405).end('405 - Method Not Allowed\n');
    const body = await buffer(request);
    if (pathname === '/api/v0/block/put') {
      const codec = searchParams.get('cid-codec');
      const hash = searchParams.get('mhtype');
      if (codec !== 'raw' || hash !== 'sha2-256') {
        return json(500, { Message: 'not in this double', Code: 0, Type: 'error' });
      }
      const type = request.headers['content-type'] ?? '';
      const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
      const file = form.get('data');
      if (!(file instanceof Blob)) return json(400, { Message: 'file argument is required', Code: 1, Type: 'error' });
      const bytes = new Uint8Array(await file.arrayBuffer());
      const key = keyOf(bytes);
      blocks.set(key, bytes);
      if (searchParams.get('pin') === 'true') pins.add(key);
      return json(200, { Key: key, Size: bytes.length });
    }
    if (pathname === '/api/v0/block/get') {
      const cid = searchParams.get('arg') ?? '';
      const bytes = blocks.get(cid);
      if (bytes) return response.writeHead(200, { 'content-type': 'text/plain' }).end(bytes);
      // The real node would now look for it in the network, for as long as it is waited for.
      if (searchParams.get('offline') !== 'true') return;
      const Message = `block was not found locally (offline): ipld: could not find ${cid}`;
      return json(500, { Message, Code: 0, Type: 'error' });
    }
    if (pathname === '/api/v0/pin/ls' && searchParams.get('type') === 'recursive') {
      return json(200, { Keys: Object.fromEntries([...pins].map((pin) => [pin, { Type: 'recursive', Name: '' }])) });
    }
    return response.writeHead(404).end('404 page not found\n');
  });
  return { ...server, blocks, pins };
}

/** CIDv1, raw, SHA-256, in base32. */
export function keyOf(bytes: Uint8Array): string {
  return base32.encode(Buffer.from(`01551220${createHash('sha256').update(bytes).digest('hex')}`, 'hex'));
}
