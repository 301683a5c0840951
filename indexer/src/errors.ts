import { TidemarkError } from '@tidemark/sdk';

/** The indexer cannot go on as it is. */
export class IndexerError extends TidemarkError {
  override name = 'IndexerError';

  constructor(what: string, next: string, cause?: unknown) {
    super(what, { next, cause });
  }
}
