import { BaseError } from 'viem';

/** A devnet that cannot start or go on: what happened, and what to do. */
export class DevnetError extends BaseError {
  override name = 'DevnetError';
  constructor(what: string, todo: string, cause?: Error) {
    super(what, cause ? { metaMessages: [todo], cause } : { metaMessages: [todo] });
  }
}

/** Any error as one line for a terminal: what happened and what to do. */
export function toLine(error: unknown): string {
  if (error instanceof BaseError)
    return [error.shortMessage, ...(error.metaMessages ?? [])].join(' ').replaceAll('\n', ' ');
  return String((error as Error).message).split('\n')[0] ?? '';
}
