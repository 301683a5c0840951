import { TidemarkError } from '../errors/index.ts';

/** The order service does not answer. */
export class OrderServiceUnreachableError extends TidemarkError {
  override name = 'OrderServiceUnreachableError';

  constructor(service: string, cause: unknown) {
    super(`The order service at ${service} does not answer.`, {
      next: 'Ask another, or announce the order on the chain.',
      retryable: true,
      cause,
    });
  }
}

/** Why an order service refused, as it says. */
export interface OrderServiceRefusal {
  /** See docs/order-service.md#errors. */
  code: string;
  what: string;
  next: string;
  retryable: boolean;
  /** Which of the orders sent, from 0 on. */
  place?: number;
  /** What there was, and what there should have been, in the units of the refusal. */
  actual?: bigint;
  limit?: bigint;
}

/** The order service refused what was asked of it. */
export class OrderServiceRefusedError extends TidemarkError {
  override name = 'OrderServiceRefusedError';
  readonly status: number;
  readonly code: string;
  readonly place: number | undefined;
  readonly actual: bigint | undefined;
  readonly limit: bigint | undefined;

  constructor(status: number, { code, what, next, retryable, place, actual, limit }: OrderServiceRefusal) {
    super(what, { next, retryable });
    this.status = status;
    this.code = code;
    [this.place, this.actual, this.limit] = [place, actual, limit];
  }
}

/** What was sent is not in the order service's format. */
export class OrderServiceMalformedError extends TidemarkError {
  override name = 'OrderServiceMalformedError';

  constructor(what: string, cause?: unknown) {
    super(what, { next: 'Send what docs/order-service.md describes; the SDK writes it.', cause });
  }
}
