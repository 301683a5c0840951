import { derivativesEngineAbi, marketsOf, widen, withOrders } from '@tidemark/sdk';
import type { Address, Hex } from 'viem';
import type { AccountSnapshot } from '../snapshot.ts';
import type { Reader } from './reader.ts';

/**
 * An account with its positions; null when it has neither a position nor a claim.
 * @param claims Whether it may have a claim: without one there is nothing to ask.
 * @throws {TidemarkError} when the chain cannot be read.
 */
export async function readAccount(
  reader: Reader,
  { engine, id, claims }: { engine: Address; id: Hex; claims: boolean },
): Promise<AccountSnapshot | null> {
  const at = { address: engine, abi: derivativesEngineAbi } as const;
  const [stored, { flaggedAt }, claim, unpaid] = await Promise.all([
    reader.read({ ...at, functionName: 'getAccount', args: [id] }),
    reader.read({ ...at, functionName: 'getDoubt', args: [id] }),
    claims ? reader.read({ ...at, functionName: 'claimOf', args: [id] }) : 0n,
    claims ? reader.read({ ...at, functionName: 'unpaidClaim', args: [id] }) : 0n,
  ]);
  const account = widen(withOrders(stored));
  if (account.markets === 0n && claim === 0n) return null;
  const positions = await Promise.all(
    marketsOf(account.markets).map(async (market) => {
      const args = [id, BigInt(market)] as const;
      return [market, widen(await reader.read({ ...at, functionName: 'getPosition', args }))] as const;
    }),
  );
  const isCollectable = claim > unpaid;
  return {
    id,
    account,
    positions: new Map(positions),
    claim,
    collectable: isCollectable,
    flaggedAt: BigInt(flaggedAt),
  };
}
