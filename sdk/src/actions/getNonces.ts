import type { Hex } from 'viem';
import { type AnyClient, type ReadParameters, readEngine } from './engine.ts';

/**
 * Which of 256 nonces of an account are used up: bit i set, nonce `word` · 256 + i is.
 * @throws {TidemarkError}
 */
export function getNonces(
  client: AnyClient,
  { account, word, ...at }: getNonces.Parameters,
): Promise<getNonces.ReturnType> {
  return readEngine(client, at, 'getNonces', [account, word]);
}

export declare namespace getNonces {
  interface Parameters extends ReadParameters {
    /** Account read. */
    account: Hex;
    /** Which 256 nonces: of nonce n it is n / 256. */
    word: bigint;
  }
  type ReturnType = bigint;
}
