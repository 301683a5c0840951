import { TidemarkError } from '../errors/index.ts';

/** What is to be proposed cannot be proposed as it is. */
export class ProposalInvalidError extends TidemarkError {
  override name = 'ProposalInvalidError';

  constructor(what: string, next: string) {
    super(what, { next });
  }
}
