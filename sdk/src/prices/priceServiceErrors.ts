import { TidemarkError } from '../errors/index.ts';

/** The price service does not answer. */
export class PriceServiceUnreachableError extends TidemarkError {
  override name = 'PriceServiceUnreachableError';

  constructor(url: string, cause: unknown) {
    super(`The price service at ${url} does not answer.`, {
      next: 'Check that it runs and that the address is right.',
      retryable: true,
      cause,
    });
  }
}

/** The price service answered with a status that is not success. */
export class PriceServiceRefusedError extends TidemarkError {
  override name = 'PriceServiceRefusedError';
  readonly status: number;

  constructor(url: string, status: number, body: string) {
    const reason = body.replace(/\s+/g, ' ').trim().slice(0, 200);
    super(`The price service at ${url} answered ${status}${reason ? `: ${reason}` : ''}.`, {
      next: status === 401 || status === 403 ? 'Give it a valid key.' : 'Check the feeds asked for.',
      retryable: status === 429 || status >= 500,
    });
    this.status = status;
  }
}

/** No price of that time is published yet, or ever. */
export class PriceNotPublishedError extends TidemarkError {
  override name = 'PriceNotPublishedError';

  constructor(url: string, publishTime: bigint) {
    super(`The price service at ${url} has no price at or after ${publishTime}.`, {
      next: 'Ask again when it is published.',
      retryable: true,
    });
  }
}

/** The price service's answer is not what its interface promises. */
export class PriceServiceMalformedError extends TidemarkError {
  override name = 'PriceServiceMalformedError';

  constructor(url: string, what: string, cause: unknown) {
    super(`The price service at ${url} answered something unexpected: ${what}.`, {
      next: 'Check that it speaks the Hermes v2 interface.',
      cause,
    });
  }
}
