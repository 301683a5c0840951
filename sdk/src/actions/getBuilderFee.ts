import type { Address } from 'viem';
import { type AnyClient, type ReadParameters, readEngine } from './engine.ts';

/**
 * What a builder may charge an owner's orders: tenths of a basis point of notional.
 * @throws {TidemarkError}
 */
export function getBuilderFee(
  client: AnyClient,
  { owner, builder, ...at }: getBuilderFee.Parameters,
): Promise<getBuilderFee.ReturnType> {
  return readEngine(client, at, 'getBuilderFee', [owner, builder]);
}

export declare namespace getBuilderFee {
  interface Parameters extends ReadParameters {
    owner: Address;
    builder: Address;
  }
  type ReturnType = bigint;
}
