import { text } from 'node:stream/consumers';
import { serve } from './blocks.ts';

/** Stands in for a pinning service: the part of the IPFS Pinning Service API 0.1.2 that is used. */
export async function startPinningDouble(token: string) {
  const pins: { requestid: string; status: string; created: string; pin: { cid: string }; delegates: string[] }[] = [];
  const server = await serve(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://pinning');
    const json = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    const { authorization } = request.headers;
    if (authorization !== `Bearer ${token}`) {
      return json(401, { error: { reason: 'UNAUTHORIZED', details: `no such token: ${authorization}` } });
    }
    if (pathname !== '/pins') return json(404, { error: { reason: 'NOT_FOUND' } });
    if (request.method === 'POST') {
      const pin = JSON.parse(await text(request));
      const status = {
        requestid: `${pins.length}`,
        status: 'queued',
        created: new Date(pins.length).toISOString(),
        pin,
        delegates: ['/dnsaddr/pinning.example'],
      };
      pins.unshift(status);
      return json(202, status);
    }
    const statuses = searchParams.getAll('status');
    // Without a filter only what is pinned is told.
    const told = statuses.length > 0 ? statuses : ['pinned'];
    const cids = searchParams.getAll('cid');
    const results = pins.filter(({ status, pin }) => told.includes(status) && cids.includes(pin.cid));
    return json(200, { count: results.length, results });
  });
  return { ...server, pins };
}
