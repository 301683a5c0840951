import { IndexerError } from '../errors.ts';

/** Where blocks of IPFS come from. */
export interface BlockSource {
  /** The bytes that a CID names. @throws {FileUnavailableError} */
  get(cid: string): Promise<Uint8Array>;
}

/** Nobody gives the bytes that a CID names. */
export class FileUnavailableError extends IndexerError {
  override name = 'FileUnavailableError';

  /** @param reasons Of each that was asked. */
  constructor(cid: string, reasons: readonly string[]) {
    super(
      `The file ${cid} is not to be had: ${reasons.join('; ') || 'no IPFS gateway is given'}.`,
      'It is asked for again, ever more rarely. Pin it, or give a gateway that has it.',
    );
  }
}
