import { toTidemarkError } from '@tidemark/sdk';
import { BaseError, UserRejectedRequestError } from 'viem';

/** Why something could not be done, and what to do about it. */
export interface Explanation {
  reason: string;
  next: string;
}

/** Whether the person declined in the wallet. */
export function isRejection(error: unknown): boolean {
  return (
    (error instanceof BaseError && error.walk((cause) => cause instanceof UserRejectedRequestError) !== null) ||
    (error as { code?: number } | null)?.code === 4001
  );
}

/** Cause and next step of whatever went wrong; each custom error of the contracts has its own. */
export function explain(error: unknown): Explanation {
  if (error instanceof BaseError) {
    const { shortMessage, next } = toTidemarkError(error);
    return { reason: shortMessage, next };
  }
  const timeout = error instanceof DOMException && error.name === 'TimeoutError';
  if (timeout || error instanceof TypeError) {
    return { reason: 'The server did not answer.', next: 'Check the connection and try again.' };
  }
  return { reason: error instanceof Error ? error.message : String(error), next: '' };
}
