import type { Hash } from 'viem';
import { type AnyClient, type WriteParameters, writeEngine } from './engine.ts';

/**
 * Divides undivided fees between insurance and treasury. Anybody may.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export function divideReserves(client: AnyClient, tx: divideReserves.Parameters): Promise<divideReserves.ReturnType> {
  return writeEngine(client, tx, 'divideReserves', []);
}

export declare namespace divideReserves {
  type Parameters = WriteParameters;
  type ReturnType = Hash;
}
