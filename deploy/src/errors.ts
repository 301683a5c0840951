import { BaseError } from 'viem';

/** A deployment that cannot go on: what happened, and what to do. */
export class DeployError extends BaseError {
  override name = 'DeployError';
  constructor(what: string, todo: string) {
    super(what, { metaMessages: [todo] });
  }
}
