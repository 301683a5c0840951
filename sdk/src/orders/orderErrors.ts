import { TidemarkError } from '../errors/index.ts';

/** An order that no commit would take as it is. */
export class OrderInvalidError extends TidemarkError {
  override name = 'OrderInvalidError';

  constructor(what: string, next: string) {
    super(what, { next });
  }
}

/** A signature that cannot be read as one of an order. */
export class SignatureUnreadableError extends TidemarkError {
  override name = 'SignatureUnreadableError';

  constructor(what: string, cause?: unknown) {
    super(what, { next: 'Pass on what signOrder or signOrders returned, unaltered.', cause });
  }
}
