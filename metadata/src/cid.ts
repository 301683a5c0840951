import { cidOf } from '@tidemark/sdk';
import { base16 } from 'multiformats/bases/base16';
import { base32 } from 'multiformats/bases/base32';
import { CID } from 'multiformats/cid';
import { bytesToHex, type Hex } from 'viem';

/** The longest CID that is one of ours, in base16. */
const MAX_LENGTH = 73;

/** The CID of a block, as libraries of IPFS take it; as text it is in base32, the form that services expect. */
export function toCid(digest: Hex): CID {
  return CID.parse(cidOf(digest), base16);
}

/** The digest that a CID names; undefined unless it is of one raw block by SHA-256, in base16 or base32, lower case. */
export function digestOf(cid: string): Hex | undefined {
  if (cid.length > MAX_LENGTH) return undefined;
  try {
    const { multihash } = CID.parse(cid, base32.decoder.or(base16.decoder));
    const digest = bytesToHex(multihash.digest);
    return cid === cidOf(digest) || cid === `${toCid(digest)}` ? digest : undefined;
  } catch {
    return undefined;
  }
}
