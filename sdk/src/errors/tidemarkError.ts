import { BaseError } from 'viem';

/** Base of everything this SDK throws on purpose: what happened, then what to do. */
export class TidemarkError extends BaseError {
  override name = 'TidemarkError';
  /** What the caller can do about it. */
  readonly next: string;
  /** Whether the same call may succeed later without anybody changing anything. */
  readonly retryable: boolean;

  constructor(
    what: string,
    { next, retryable = false, cause }: { next: string; retryable?: boolean; cause?: unknown },
  ) {
    super(what, { metaMessages: [next], ...(cause instanceof Error && { cause }) });
    this.next = next;
    this.retryable = retryable;
  }

  /** One line for a log or a terminal. */
  get line(): string {
    return `${this.shortMessage} ${this.next}`;
  }
}

/** A contract refused the call, by one of its custom errors. */
export class ContractRefusedError extends TidemarkError {
  override name = 'ContractRefusedError';
  /** The custom error's name. */
  readonly error: string;
  readonly args: readonly unknown[];

  constructor(error: string, args: readonly unknown[], sentence: Sentence, cause?: unknown) {
    super(sentence.what, { ...sentence, cause });
    this.error = error;
    this.args = args;
  }
}

/** What happened and what to do, of one custom error. */
export interface Sentence {
  what: string;
  next: string;
  retryable?: boolean;
}

/** The chain's endpoint does not answer. */
export class RpcUnreachableError extends TidemarkError {
  override name = 'RpcUnreachableError';

  /** @param url Only its host is told: a path may hold a key. */
  constructor(cause: unknown, url?: string) {
    super(`The chain's RPC${url && URL.canParse(url) ? ` at ${new URL(url).origin}` : ''} does not answer.`, {
      next: 'Check that it runs and that the address is right; nothing was lost, what was sent may still be included.',
      retryable: true,
      cause,
    });
  }
}

/** The endpoint answered, but refused or failed. */
export class RpcFailedError extends TidemarkError {
  override name = 'RpcFailedError';

  constructor(cause: Error) {
    const reason = cause instanceof BaseError ? cause.details || cause.shortMessage : cause.message;
    super(`The chain's RPC failed: ${reason}`, {
      next: 'Read the reason, correct the call, and send it again.',
      cause,
    });
  }
}

/** A transaction reverted without a custom error that is known here. */
export class UnknownRevertError extends TidemarkError {
  override name = 'UnknownRevertError';

  constructor(cause: Error) {
    const reason = cause instanceof BaseError ? cause.shortMessage : cause.message;
    super(`The call reverted: ${reason}`, {
      next: 'Compare the addresses with the deployment: the contract called is probably another one.',
      cause,
    });
  }
}
