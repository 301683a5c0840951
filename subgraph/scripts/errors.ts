import { TidemarkError } from '@tidemark/sdk';

/** Thrown when the subgraph cannot be built or deployed. */
export class SubgraphError extends TidemarkError {
  override name = 'SubgraphError';

  constructor(what: string, next: string, cause?: unknown) {
    super(what, { next, cause });
  }
}
