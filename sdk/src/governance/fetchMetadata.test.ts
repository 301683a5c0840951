import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import {
  cidOf,
  encodeMetadata,
  fetchMetadata,
  MAX_METADATA_BYTES,
  MetadataInvalidError,
  MetadataUnavailableError,
  metadataDigest,
  type ProposalMetadata,
} from './index.ts';

const metadata: ProposalMetadata = { version: 1, title: 'Title', summary: 'Summary', body: 'Body', links: [] };
const bytes = encodeMetadata(metadata);
const digest = metadataDigest(bytes);

const servers: ReturnType<typeof createServer>[] = [];
const asked: string[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
  asked.length = 0;
});

/** A gateway on this machine that answers as told. */
async function gateway(answer: (response: ServerResponse, request: IncomingMessage) => void): Promise<string> {
  const server = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.accept}`);
    answer(response, request);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const honest = (response: ServerResponse) => response.end(bytes);
const refusal = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.fail('it was taken'),
    (error) => error,
  );

describe('fetchMetadata', () => {
  it('asks the first gateway for the raw block', async () => {
    const gateways = [`${await gateway(honest)}/`, await gateway(honest)];
    expect(await fetchMetadata({ gateways, digest })).toEqual(metadata);
    expect(asked).toEqual([`/ipfs/${cidOf(digest)}?format=raw application/vnd.ipld.raw`]);
  });

  const other = encodeMetadata({ ...metadata, title: 'Another title' });
  it.each<[string, (response: ServerResponse, request: IncomingMessage) => void]>([
    ['refuses', (response) => response.writeHead(404).end('no such block')],
    ['lies', (response) => response.end(other)],
    ['sends less', (response) => response.end(bytes.slice(0, -1))],
    [
      'breaks off',
      (response) => {
        response.writeHead(200, { 'content-length': bytes.length });
        response.write(bytes.slice(0, 10), () => response.destroy());
      },
    ],
    [
      'redirects, even to the block',
      (response, { url }) =>
        url === '/block' ? honest(response) : response.writeHead(302, { location: '/block' }).end(),
    ],
    ['hangs up', (response) => response.destroy()],
    ['never answers', () => {}],
    ['never ends', (response) => response.write(bytes)],
  ])('passes over a gateway that %s', async (_what, answer) => {
    const bad = await gateway(answer);
    const good = await gateway(honest);
    expect(await fetchMetadata({ gateways: [bad, good], digest, timeoutMs: 1_000 })).toEqual(metadata);
    expect(asked).toHaveLength(2);
    const error = await refusal(fetchMetadata({ gateways: [bad], digest, timeoutMs: 1_000 }));
    expect(error).toBeInstanceOf(MetadataUnavailableError);
    expect(error).toMatchObject({ failures: [{ gateway: bad, reason: expect.stringMatching(/./) }], retryable: true });
  });

  it('reads no more of an endless answer than a block and ends it', async () => {
    let ended: () => void = () => {};
    const end = new Promise<void>((resolve) => {
      ended = resolve;
    });
    let sent = 0;
    const endless = await gateway((response) => {
      response.on('close', ended);
      const chunk = new Uint8Array(65_536);
      const more = () => {
        while (!response.destroyed && response.write(chunk)) sent += chunk.length;
        sent += chunk.length;
      };
      response.on('drain', more);
      more();
    });
    expect(await refusal(fetchMetadata({ gateways: [endless], digest }))).toBeInstanceOf(MetadataUnavailableError);
    await end;
    // What waits in sockets is more than what is read.
    expect(sent).toBeLessThan(64 * MAX_METADATA_BYTES);
  });

  it('reads a block as large as one may be, and none larger', async () => {
    for (const [length, reason] of [
      [MAX_METADATA_BYTES, 'they are not'],
      [MAX_METADATA_BYTES + 1, 'has more than 262144 bytes'],
    ] as const) {
      const gateways = [await gateway((response) => response.end(new Uint8Array(length)))];
      const error = await refusal(fetchMetadata({ gateways, digest }));
      expect((error as MetadataUnavailableError).failures[0]?.reason).toContain(reason);
    }
  });

  it('asks no further gateway when the block that the chain names is no metadata', async () => {
    const block = new TextEncoder().encode('{}');
    const gateways = [await gateway((response) => response.end(block)), await gateway(honest)];
    const error = await refusal(fetchMetadata({ gateways, digest: metadataDigest(block) }));
    expect(error).toBeInstanceOf(MetadataInvalidError);
    expect(asked).toHaveLength(1);
  });

  it('tells of an address only the host, and of none that there is none', async () => {
    const base = await gateway((response) => response.writeHead(403).end());
    const error = await refusal(fetchMetadata({ gateways: [`${base}/s3cret`, 'nonsense'], digest }));
    const { line } = error as MetadataUnavailableError;
    expect(line).toContain(`${base}: it answered 403`);
    expect(line).toContain('an address that is none: ');
    expect(line).not.toContain('s3cret');
    expect(line).not.toContain('\n');
    expect(await refusal(fetchMetadata({ gateways: [], digest }))).toMatchObject({ retryable: false });
  });
});
