import type { Address } from 'viem';
import { type Delegation, widen } from '../math/engineTypes.ts';
import { type AnyClient, type ReadParameters, readEngine } from './engine.ts';

/**
 * What an owner lets a delegate do; an expiry of zero: nothing.
 * @throws {TidemarkError}
 */
export async function getDelegation(
  client: AnyClient,
  { owner, delegate, ...at }: getDelegation.Parameters,
): Promise<getDelegation.ReturnType> {
  return widen(await readEngine(client, at, 'getDelegation', [owner, delegate]));
}

export declare namespace getDelegation {
  interface Parameters extends ReadParameters {
    owner: Address;
    delegate: Address;
  }
  type ReturnType = Delegation;
}
