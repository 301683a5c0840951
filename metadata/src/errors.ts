import { TidemarkError } from '@tidemark/sdk';

/** A store, or what it keeps its blocks in, fails. */
export class StoreFailedError extends TidemarkError {
  override name = 'StoreFailedError';

  /** @param store Of an address only the host. */
  constructor(store: string, reason: string, cause?: unknown) {
    super(`The metadata's store, ${store}, failed: ${reason}.`, {
      next: 'Check that it runs, has room and may be written.',
      retryable: true,
      cause,
    });
  }
}

/** A pinning service does not answer, refuses, or answers something else than its interface promises. */
export class PinningFailedError extends TidemarkError {
  override name = 'PinningFailedError';
  /** Of the answer; undefined when there was none. */
  readonly status: number | undefined;

  /** @param service Only its host. */
  constructor(service: string, reason: string, { status, cause }: { status?: number; cause?: unknown } = {}) {
    const denied = status === 401 || status === 403;
    super(`The pinning service at ${service} failed: ${reason}.`, {
      next: denied ? 'Give it a valid token.' : 'The block is kept in the store; put it again to pin it.',
      retryable: status === undefined || status === 429 || status >= 500,
      cause,
    });
    this.status = status;
  }
}

/** The gateway cannot be reached where it was to be. */
export class GatewayPortError extends TidemarkError {
  override name = 'GatewayPortError';

  constructor(host: string, port: number, cause: unknown) {
    super(`The gateway cannot listen at ${host}:${port}.`, { next: 'Choose a free port of this machine.', cause });
  }
}

/** A setting is missing or wrong. */
export class MetadataSettingError extends TidemarkError {
  override name = 'MetadataSettingError';
}
