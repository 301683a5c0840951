import { TidemarkError } from '../errors/index.ts';

/** The index does not answer. */
export class HistoryUnreachableError extends TidemarkError {
  override name = 'HistoryUnreachableError';

  constructor(index: string, cause: unknown) {
    super(`The index at ${index} does not answer.`, {
      next: 'Check that it runs and that the address is right.',
      retryable: true,
      cause,
    });
  }
}

/** The index refused a query, or ended a subscription. */
export class HistoryRefusedError extends TidemarkError {
  override name = 'HistoryRefusedError';
  /** Of HTTP, or with which a connection was closed; 0 where the answer itself has errors. */
  readonly status: number;
  /** As the index names it; empty where it does not. */
  readonly code: string;

  constructor(index: string, { status = 0, code = '', what }: { status?: number; code?: string; what: string }) {
    const reason = what.replace(/\s+/g, ' ').trim().slice(0, 300).replace(/\.$/, '');
    const retryable = status === 429 || (status >= 500 && status < 600);
    super(`The index at ${index} refused: ${reason || status}.`, {
      next: retryable ? 'Ask again later.' : 'Ask for less, or for what its schema has.',
      retryable,
    });
    [this.status, this.code] = [status, code];
  }
}

/** The index answered with something that its schema does not have. */
export class HistoryMalformedError extends TidemarkError {
  override name = 'HistoryMalformedError';

  constructor(index: string, what: string, cause?: unknown) {
    super(`The index at ${index} answered something unexpected: ${what.replace(/\.$/, '')}.`, {
      next: 'Check that it is the index of this exchange, of the same version.',
      cause,
    });
  }
}
