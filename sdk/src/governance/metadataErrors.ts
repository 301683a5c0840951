import type { Hex } from 'viem';
import { TidemarkError } from '../errors/index.ts';

/** Something is no proposal's metadata. */
export class MetadataInvalidError extends TidemarkError {
  override name = 'MetadataInvalidError';
  /** Where it departs from the schema, e.g. `links[2].url`; empty when it is no JSON or no object. */
  readonly at: string;

  constructor(at: string, what: string, cause?: unknown) {
    super(`The proposal's metadata is not valid: ${at ? `${at} ` : 'it '}${what}.`, {
      next: 'Correct it by sdk/src/governance/metadata.schema.json.',
      cause,
    });
    this.at = at;
  }
}

/** A block is larger than a proposal's metadata may be. */
export class MetadataTooLargeError extends TidemarkError {
  override name = 'MetadataTooLargeError';
  readonly limit: number;

  /** @param limit Bytes. */
  constructor(limit: number) {
    super(`The proposal's metadata has more than ${limit} bytes.`, {
      next: 'Shorten it, and link what is long.',
    });
    this.limit = limit;
  }
}

/** A block is not the one that its digest names. */
export class MetadataMismatchError extends TidemarkError {
  override name = 'MetadataMismatchError';
  readonly digest: Hex;
  readonly expected: Hex;

  constructor(digest: Hex, expected: Hex) {
    super(`The bytes have the SHA-256 ${digest}, not ${expected}: they are not this proposal's metadata.`, {
      next: 'Do not show them; fetch the block from another gateway.',
    });
    this.digest = digest;
    this.expected = expected;
  }
}

/** A proposal's description is not of the form that the governor takes. */
export class DescriptionMalformedError extends TidemarkError {
  override name = 'DescriptionMalformedError';

  constructor() {
    super("The proposal's description does not name its metadata.", {
      next: 'It has to be ipfs://f01551220<64 digits>#proposer=0x<40 digits>; judge the proposal by its actions alone.',
    });
  }
}

/** Why a gateway gave nothing. */
export interface GatewayFailure {
  /** Its origin: a path may hold a key. */
  gateway: string;
  /** What went wrong, without a full stop. */
  reason: string;
}

/** No gateway has given the block. */
export class MetadataUnavailableError extends TidemarkError {
  override name = 'MetadataUnavailableError';
  /** One for each gateway, in the order in which they were asked. */
  readonly failures: readonly GatewayFailure[];

  constructor(cid: string, failures: readonly GatewayFailure[]) {
    const told = failures.map(({ gateway, reason }) => `${gateway}: ${reason}`).join('; ');
    super(`No gateway gave the proposal's metadata ${cid} (${told || 'none was named'}).`, {
      next: 'Ask again, name another gateway, or judge the proposal by its actions alone.',
      retryable: failures.length > 0,
    });
    this.failures = failures;
  }
}
