import { BaseError } from 'viem';

/** A devnet that cannot start or go on: what happened, and what to do. */
export class DevnetError extends BaseError {
  override name = 'DevnetError';
  constructor(what: string, todo: string, cause?: Error) {
    super(what, cause ? { metaMessages: [todo], cause } : { metaMessages: [todo] });
  }
}
