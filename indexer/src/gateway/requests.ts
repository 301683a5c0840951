import type { IncomingMessage } from 'node:http';
import { clientOf } from '@tidemark/orders';
import type { GraphQLError } from 'graphql';
import { refusal } from './errors.ts';

/** Whose a request is. @param trustProxy Whether `X-Forwarded-For` is written by a proxy of ours. */
export function addressOf({ headers, socket }: IncomingMessage, trustProxy: boolean): string {
  const forwarded = trustProxy ? headers['x-forwarded-for'] : undefined;
  return clientOf(socket.remoteAddress, Array.isArray(forwarded) ? forwarded.at(-1) : forwarded);
}

export const pathOf = ({ url = '' }: IncomingMessage) => url.split('?')[0] ?? '';

/** HTTP's status of a refusal. */
export const statusOf = ({ extensions }: GraphQLError) =>
  typeof extensions.status === 'number' ? extensions.status : 400;

/** @throws {GraphQLError} When it is longer than permitted. */
export async function bodyOf(request: IncomingMessage, limit: number): Promise<string> {
  const tooLarge = () => {
    request.resume();
    return refusal('TOO_LARGE', 413, `A request's body may have ${limit} bytes. Send less.`);
  };
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge();
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > limit) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
