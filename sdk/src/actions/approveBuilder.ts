import type { Address, Hash } from 'viem';
import { type AnyClient, type WriteParameters, writeEngine } from './engine.ts';

/**
 * Lets a builder charge the sender's orders that name it, up to a fee; zero ends it.
 * @returns The transaction's hash; wait for its receipt.
 * @throws {TidemarkError}
 */
export function approveBuilder(
  client: AnyClient,
  { builder, maxFee, ...tx }: approveBuilder.Parameters,
): Promise<approveBuilder.ReturnType> {
  return writeEngine(client, tx, 'approveBuilder', [builder, maxFee]);
}

export declare namespace approveBuilder {
  interface Parameters extends WriteParameters {
    builder: Address;
    /** Tenths of a basis point of notional, at most 50. */
    maxFee: bigint;
  }
  type ReturnType = Hash;
}
