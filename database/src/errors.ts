import { TidemarkError } from '@tidemark/sdk';

/** The database did not do what it was asked. */
export class DatabaseFailedError extends TidemarkError {
  override name = 'DatabaseFailedError';

  constructor(reason: string, cause?: unknown) {
    super(`The database failed: ${reason}.`, {
      next: 'Check that it runs, has room and may be written; what was acknowledged is kept.',
      retryable: true,
      cause,
    });
  }
}

/** The database is another process's. */
export class DatabaseTakenError extends TidemarkError {
  override name = 'DatabaseTakenError';
}
