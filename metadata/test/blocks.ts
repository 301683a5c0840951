import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { encodeMetadata, metadataDigest, type ProposalMetadata } from '@tidemark/sdk';

const metadata: ProposalMetadata = { version: 1, title: 'Title', summary: 'Summary', body: 'Body', links: [] };

/** A valid block of its own for each title, of a length if one is given. */
export function block(title: string, length?: number): Uint8Array {
  if (length === undefined) return encodeMetadata({ ...metadata, title });
  const body = '🌊'.repeat(50_000);
  const missing = length - encodeMetadata({ ...metadata, title, body }).length;
  return encodeMetadata({ ...metadata, title, body: body + 'x'.repeat(missing) });
}

export const DIGEST = metadataDigest(block('Title'));

/** A server on this machine. */
export async function serve(listener: RequestListener): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
