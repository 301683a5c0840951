import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { type IncomingMessage, type RequestOptions, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { cidOf, encodeMetadata, fetchMetadata, MAX_METADATA_BYTES, metadataDigest } from '@tidemark/sdk';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { block, DIGEST } from '../test/blocks.ts';
import type { BlockStore } from './blockStore.ts';
import { toCid } from './cid.ts';
import { GatewayPortError, StoreFailedError } from './errors.ts';
import { type Gateway, startGateway } from './gateway.ts';
import { openStore } from './openStore.ts';

const bytes = block('Title');
const cid = cidOf(DIGEST);
let folder: string;
let store: BlockStore;
let gateway: Gateway;
let warnings: string[];
const warn = (line: string) => warnings.push(line);

beforeEach(async () => {
  warnings = [];
  folder = mkdtempSync(join(tmpdir(), 'tidemark-gateway-'));
  store = await openStore({ folder }, warn);
  gateway = await startGateway({ port: 0, store, maxBlocks: 3, warn });
});
afterEach(async () => {
  await gateway.close();
  rmSync(folder, { recursive: true });
});

/** Asks for a path exactly as it is written, which fetch would not. */
async function ask(path: string, options: RequestOptions = {}, body?: Uint8Array) {
  const sent = request({ host: '127.0.0.1', port: gateway.port, path, ...options });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const { statusCode: status, headers } = response;
  return { status, headers, body: await buffer(response) };
}
const upload = (body: Uint8Array) => ask('/blocks', { method: 'POST' }, body);
const line = (body: Buffer) => {
  expect(body.toString()).toMatch(/^[^\n]+\n$/);
  return body.toString();
};

describe('a block', () => {
  beforeEach(() => store.put(bytes));

  it.each([
    ['in base16', `/ipfs/${cid}`],
    ['asked for as raw', `/ipfs/${cid}?format=raw`],
    ['in base32', `/ipfs/${toCid(DIGEST)}?format=raw`],
  ])('is served %s, for ever, to any page', async (_what, path) => {
    const { status, headers, body } = await ask(path);
    expect(status).toBe(200);
    expect(Buffer.compare(body, bytes)).toBe(0);
    expect(headers).toMatchObject({
      'content-type': 'application/vnd.ipld.raw',
      'content-length': `${bytes.length}`,
      'cache-control': 'public, max-age=31536000, immutable',
      etag: `"${cid}.raw"`,
      'access-control-allow-origin': '*',
      'x-content-type-options': 'nosniff',
    });
  });

  it('is told of without its bytes', async () => {
    const { status, headers, body } = await ask(`/ipfs/${cid}`, { method: 'HEAD' });
    expect({ status, length: headers['content-length'], body: body.length }).toEqual({
      status: 200,
      length: `${bytes.length}`,
      body: 0,
    });
  });

  it('is not sent to who has it', async () => {
    const { status, body } = await ask(`/ipfs/${cid}`, { headers: { 'if-none-match': `"${cid}.raw"` } });
    expect({ status, body: body.length }).toEqual({ status: 304, body: 0 });
    expect(await ask(`/ipfs/${cid}`, { headers: { 'if-none-match': '"another"' } })).toMatchObject({ status: 200 });
  });

  it('is what the SDK fetches', async () => {
    const gateways = [`http://127.0.0.1:${gateway.port}`];
    expect(await fetchMetadata({ gateways, digest: DIGEST })).toMatchObject({ title: 'Title' });
  });

  it('that is damaged is absent', async () => {
    const [file = ''] = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /\.data$/.test(name),
    );
    truncateSync(join(folder, file), 5);
    expect(await ask(`/ipfs/${cid}`)).toMatchObject({ status: 404 });
    expect(warnings).toHaveLength(1);
  });
});

it.each([
  [404, 'GET', `/ipfs/${cid}`],
  [404, 'HEAD', `/ipfs/${cid}`],
  [404, 'GET', '/'],
  [404, 'GET', `/ipfs/${cid}/file`],
  [404, 'GET', '/ipfs/../../../etc/passwd'],
  [404, 'GET', `/ipns/${cid}`],
  [400, 'GET', '/ipfs/'],
  [400, 'GET', '/ipfs/..%2f..%2f..%2fetc%2fpasswd'],
  [400, 'GET', '/ipfs/%00'],
  [400, 'GET', '/ipfs/%'],
  [400, 'GET', `/ipfs/${cid.toUpperCase()}`],
  [400, 'GET', `/ipfs/${cid}?format=car`],
  [400, 'GET', '//'],
  [405, 'PUT', `/ipfs/${cid}`],
  [405, 'GET', '/blocks'],
])('%i to %s %s', async (status, method, path) => {
  const answer = await ask(path, { method });
  expect(answer.status).toBe(status);
  if (method !== 'HEAD') line(answer.body);
});

describe('uploads', () => {
  it('are served from then on', async () => {
    const { status, headers, body } = await upload(bytes);
    expect(status).toBe(201);
    expect(JSON.parse(body.toString())).toEqual({ cid });
    expect(await ask(headers.location ?? '')).toMatchObject({ status: 200 });
  });

  it('are allowed to pages of other origins', async () => {
    const { status, headers } = await ask('/blocks', { method: 'OPTIONS' });
    expect(status).toBe(204);
    expect(headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'content-type',
    });
  });

  it('have to be metadata', async () => {
    for (const body of [
      new Uint8Array(),
      Buffer.from('<script>'),
      Buffer.from('{"version":1}'),
      Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(bytes).toString()), 'a\nb': 1 })),
    ]) {
      const answer = await upload(body);
      expect(answer.status).toBe(400);
      line(answer.body);
    }
    expect(await store.count()).toBe(0);
  });

  it('have at most the size of a block', async () => {
    expect(await upload(block('Full', MAX_METADATA_BYTES))).toMatchObject({ status: 201 });
    const { status, body } = await upload(new Uint8Array(MAX_METADATA_BYTES + 1));
    expect(status).toBe(413);
    expect(line(body)).toContain('262144');
  });

  it('that say they are larger are refused before they are sent', async () => {
    const sent = request({
      host: '127.0.0.1',
      port: gateway.port,
      path: '/blocks',
      method: 'POST',
      headers: { 'content-length': MAX_METADATA_BYTES + 1 },
    });
    sent.flushHeaders();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(413);
    sent.destroy();
  });

  it('that never end are refused while they are sent, and the rest is dropped', async () => {
    const sent = request({ host: '127.0.0.1', port: gateway.port, path: '/blocks', method: 'POST' });
    sent.write(new Uint8Array(MAX_METADATA_BYTES + 1));
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(413);
    // A sender who goes on is not cut off: else the answer could be lost on its way.
    sent.end(new Uint8Array(64 * MAX_METADATA_BYTES));
    response.resume();
    await once(sent, 'finish');
    expect(sent.socket?.destroyed).toBe(false);
    sent.destroy();
  });

  it('that break off leave nothing', async () => {
    const socket = connect(gateway.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(`POST /blocks HTTP/1.1\r\nhost: a\r\ncontent-length: ${bytes.length}\r\n\r\n{"version"`);
    socket.end();
    await once(socket.resume(), 'close');
    expect(await store.count()).toBe(0);
    expect(await upload(bytes)).toMatchObject({ status: 201 });
  });

  it('end when the store is full, also of many at once, but not of what it has', async () => {
    const blocks = Array.from({ length: 8 }, (_, i) => block(`Block ${i}`));
    const statuses = (await Promise.all(blocks.map(upload))).map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(3);
    expect(statuses.filter((status) => status === 507)).toHaveLength(5);
    expect(await store.count()).toBe(3);
    const kept = blocks[statuses.indexOf(201)] ?? bytes;
    expect(await upload(kept)).toMatchObject({ status: 201 });
    line((await upload(bytes)).body);
  });

  it('of one block at once count once', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => upload(bytes)));
    expect(answers.every(({ status }) => status === 201)).toBe(true);
    expect(await store.count()).toBe(1);
  });

  it('can be switched off', async () => {
    const closed = await startGateway({ port: 0, store, maxBlocks: 0, warn });
    const answer = await ask('/blocks', { method: 'POST', port: closed.port }, bytes);
    await closed.close();
    expect(answer.status).toBe(403);
    line(answer.body);
    expect(await store.count()).toBe(0);
  });
});

it('a store that fails is told to its operator, not to strangers, and the next upload has its turn', async () => {
  let failing = true;
  const put = (bytes: Uint8Array) =>
    failing ? Promise.reject(new StoreFailedError('/home/me', 'no space left')) : store.put(bytes);
  const other = await startGateway({ port: 0, store: { ...bound(store), put }, maxBlocks: 3, warn });
  const failed = await ask('/blocks', { method: 'POST', port: other.port }, bytes);
  failing = false;
  const taken = await ask('/blocks', { method: 'POST', port: other.port }, bytes);
  await other.close();
  expect(failed.status).toBe(500);
  expect(line(failed.body)).not.toContain('/home/me');
  expect(warnings).toEqual([expect.stringContaining('/home/me, failed: no space left')]);
  expect(taken.status).toBe(201);
});

const bound = (of: BlockStore): BlockStore => ({
  put: (bytes) => of.put(bytes),
  get: (digest) => of.get(digest),
  count: () => of.count(),
});

it('a port that is taken is told', async () => {
  const { port } = gateway;
  await expect(startGateway({ port, store, maxBlocks: 0, warn })).rejects.toBeInstanceOf(GatewayPortError);
});

it('closing ends what is open', async () => {
  const socket = connect(gateway.port, '127.0.0.1');
  await once(socket, 'connect');
  const closed = once(socket.resume(), 'close');
  await gateway.close();
  await closed;
  await gateway.close();
});

it('metadata put into a block is what comes out', async () => {
  const metadata = { version: 1, title: 'A', summary: 'B', body: '# C', links: [] } as const;
  const body = encodeMetadata(metadata);
  await upload(body);
  const gateways = [`http://127.0.0.1:${gateway.port}`];
  expect(await fetchMetadata({ gateways, digest: metadataDigest(body) })).toEqual(metadata);
});
