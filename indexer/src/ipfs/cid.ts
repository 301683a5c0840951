import { base16 } from 'multiformats/bases/base16';
import { base32 } from 'multiformats/bases/base32';
import { base58btc } from 'multiformats/bases/base58';
import { CID } from 'multiformats/cid';

const bases = base32.decoder.or(base58btc.decoder).or(base16.decoder);

/** @throws {Error} when a text is no CID. */
export const parseCid = (text: string): CID => CID.parse(text, bases);

/** Whether a text is a CID alone, without a path. */
export function isCid(text: string): boolean {
  try {
    parseCid(text);
    return true;
  } catch {
    return false;
  }
}
