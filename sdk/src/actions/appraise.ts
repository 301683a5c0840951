import type { Hash } from 'viem';
import { type AnyClient, type WriteParameters, writeEngine } from './engine.ts';

/**
 * Values the pool at the stored indices, each at most 60 s old: what markets may lock of it. Anybody may.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export function appraise(client: AnyClient, tx: appraise.Parameters): Promise<appraise.ReturnType> {
  return writeEngine(client, tx, 'appraise', []);
}

export declare namespace appraise {
  type Parameters = WriteParameters;
  type ReturnType = Hash;
}
