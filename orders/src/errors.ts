import { type CommitRefusal, OrderServiceMalformedError, type OrderServiceRefusal, TidemarkError } from '@tidemark/sdk';

/** A request is refused, with its HTTP status. */
export class RequestRefusedError extends TidemarkError {
  override name = 'RequestRefusedError';
  readonly status: number;
  readonly refusal: Omit<OrderServiceRefusal, 'place'>;

  constructor(status: number, refusal: Omit<OrderServiceRefusal, 'place' | 'retryable'> & { retryable?: boolean }) {
    const { what, next, retryable = false } = refusal;
    super(what, { next, retryable });
    this.status = status;
    this.refusal = { ...refusal, retryable };
  }
}

/** One of the orders of a request is refused. */
export class PlacementRefusedError extends RequestRefusedError {
  override name = 'PlacementRefusedError';
  readonly place: number;

  constructor(place: number, { status, refusal }: RequestRefusedError) {
    super(status, refusal);
    this.place = place;
  }
}

export const failure = (status: number, code: string, what: string, next: string, retryable = false) =>
  new RequestRefusedError(status, { code, what, next, retryable });

/** @param wait Seconds. */
export const rateLimited = (wait: number) =>
  failure(429, 'RateLimited', 'This address asks too often.', `Ask again in ${wait} s.`, true);

/** What a client is told of an error: of the service's own troubles only that there are some. */
export function refusalOf(error: unknown): RequestRefusedError {
  if (error instanceof RequestRefusedError) return error;
  if (error instanceof OrderServiceMalformedError) return failure(400, 'Malformed', error.shortMessage, error.next);
  const isPassing = error instanceof TidemarkError && error.retryable;
  return failure(
    isPassing ? 503 : 500,
    isPassing ? 'Unavailable' : 'Internal',
    'The service cannot answer at present.',
    'Ask again later, or announce the order on the chain.',
    true,
  );
}

/** The engine would not take an order. */
export function engineRefused({ reason, actual, limit, error }: CommitRefusal): RequestRefusedError {
  const { shortMessage: what, next, retryable } = error;
  return new RequestRefusedError(422, { code: reason, what, next, retryable, actual, limit });
}

/** The service cannot be reached where it was to be. */
export class OrderServicePortError extends TidemarkError {
  override name = 'OrderServicePortError';

  constructor(host: string, port: number, cause: unknown) {
    super(`The order service cannot listen at ${host}:${port}.`, {
      next: 'Choose a free port of this machine.',
      cause,
    });
  }
}

/** A setting is missing or wrong. */
export class OrderServiceSettingError extends TidemarkError {
  override name = 'OrderServiceSettingError';
}
