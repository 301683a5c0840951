import type { Hex } from 'viem';
import { TidemarkError } from '../errors/index.ts';

/** A price update is not what its format promises; what, and at which byte of it. */
export class PriceUpdateError extends TidemarkError {
  override name = 'PriceUpdateError';
  /** Of the first byte at fault, from the update's beginning. */
  readonly offset: number;

  constructor(what: string, offset: number) {
    super(`The price update is broken at byte ${offset}: ${what}.`, {
      next: 'Ask the price service again; if it stays, the service does not serve signed Pyth updates.',
    });
    this.offset = offset;
  }
}

/** It is no hexadecimal text of whole bytes. */
export class PriceUpdateNotHexError extends PriceUpdateError {
  override name = 'PriceUpdateNotHexError';

  constructor() {
    super('it is not hexadecimal text of whole bytes', 0);
  }
}

/** It ends within a field. */
export class PriceUpdateCutShortError extends PriceUpdateError {
  override name = 'PriceUpdateCutShortError';
  readonly field: string;
  /** Bytes of the field. */
  readonly needed: number;
  /** Bytes there are. */
  readonly left: number;

  constructor(field: string, offset: number, needed: number, left: number) {
    super(`${field} has ${needed} bytes and ${left} are left`, offset);
    this.field = field;
    this.needed = needed;
    this.left = left;
  }
}

/** A magic, version or type is not the one that is known. */
export class PriceUpdateUnknownError extends PriceUpdateError {
  override name = 'PriceUpdateUnknownError';
  readonly field: string;
  readonly actual: bigint;
  readonly expected: bigint;

  constructor(field: string, offset: number, actual: bigint, expected: bigint) {
    super(`${field} is ${actual}, ${expected} is known`, offset);
    this.field = field;
    this.actual = actual;
    this.expected = expected;
  }
}

/** Bytes follow the last message. */
export class PriceUpdatePaddedError extends PriceUpdateError {
  override name = 'PriceUpdatePaddedError';
  readonly surplus: number;

  constructor(offset: number, surplus: number) {
    super(`${surplus} bytes follow the last message`, offset);
    this.surplus = surplus;
  }
}

/** A message is not under the signed root. */
export class PriceUpdateUnprovenError extends PriceUpdateError {
  override name = 'PriceUpdateUnprovenError';
  /** Where its proof leads. */
  readonly actual: Hex;
  /** The signed root. */
  readonly expected: Hex;

  constructor(offset: number, actual: Hex, expected: Hex) {
    super(`the message's proof leads to ${actual}, the signed root is ${expected}`, offset);
    this.actual = actual;
    this.expected = expected;
  }
}

/** Another set of guardians signed it than the trusted one: an earlier one whose time is over, a later one, or none. */
export class PriceUpdateGuardianSetError extends PriceUpdateError {
  override name = 'PriceUpdateGuardianSetError';
  readonly actual: bigint;
  readonly expected: bigint;

  constructor(offset: number, actual: bigint, expected: bigint) {
    super(`it names guardian set ${actual}, set ${expected} is trusted`, offset);
    this.actual = actual;
    this.expected = expected;
  }
}

/** Fewer guardians signed it than a quorum. */
export class PriceUpdateQuorumError extends PriceUpdateError {
  override name = 'PriceUpdateQuorumError';
  readonly signatures: number;
  readonly quorum: number;

  constructor(offset: number, signatures: number, quorum: number) {
    super(`${signatures} guardians signed it, ${quorum} are needed`, offset);
    this.signatures = signatures;
    this.quorum = quorum;
  }
}

/** A signature is not that of the guardian it names, who may be none, or comes out of their order. */
export class PriceUpdateSignatureError extends PriceUpdateError {
  override name = 'PriceUpdateSignatureError';
  /** Place in the guardian set that it names. */
  readonly signer: number;

  constructor(what: string, offset: number, signer: number) {
    super(what, offset);
    this.signer = signer;
  }
}

/** The guardians signed it for somebody else than the trusted emitter. */
export class PriceUpdateEmitterError extends PriceUpdateError {
  override name = 'PriceUpdateEmitterError';
  readonly emitterChain: number;
  readonly emitter: Hex;

  constructor(offset: number, emitterChain: number, emitter: Hex) {
    super(`it was emitted by ${emitter} on chain ${emitterChain}, who is not trusted`, offset);
    this.emitterChain = emitterChain;
    this.emitter = emitter;
  }
}
