import type { Address } from 'viem';
import { simulateContract } from 'viem/actions';
import { derivativesEngineAbi } from '../abi/index.ts';
import { ContractRefusedError, type OrderRefusalName, onChain, orderRefusalName } from '../errors/index.ts';
import { type OrderFields, unpackOrder } from '../math/orderWords.ts';
import { orderOf } from '../orders/orderOf.ts';
import { encodeSigned, type SignedOrder } from '../orders/signedOrders.ts';
import type { AnyClient, EngineParameters } from './engine.ts';

/** Why the engine would not take an order, by its own calculation. */
export interface CommitRefusal {
  /** Of an order that is refused, or the name of the engine's error where the market takes none. */
  reason: OrderRefusalName | (string & {});
  /** What there was, and what there should have been; zero where the engine's error is told by itself. */
  actual: bigint;
  limit: bigint;
  error: ContractRefusedError;
}

/**
 * Whether a commit would take a signed order now: signature, words, nonce and all the rest, judged by the engine.
 * @returns Why not; null when it would.
 * @throws {TidemarkError} When the chain cannot be asked.
 */
export function previewCommitSigned(
  client: AnyClient,
  { engine, order }: EngineParameters & { order: SignedOrder },
): Promise<CommitRefusal | null> {
  const { orders, others } = encodeSigned([order]);
  return refusalOf(() =>
    simulateContract(client, {
      address: engine,
      abi: derivativesEngineAbi,
      functionName: 'commitSigned',
      args: [order.market, orders, others],
    }),
  );
}

/**
 * Whether a commit would take an order now if its trigger were met, its nonce unused and its signature good.
 * @param from The owner, or the delegate that signed it.
 * @returns Why not; null when it would.
 * @throws {TidemarkError} When the chain cannot be asked.
 */
export function previewCommitTriggered(
  client: AnyClient,
  { engine, order, from }: EngineParameters & { order: SignedOrder; from: Address },
): Promise<CommitRefusal | null> {
  const { trigger: _, nonce: __, bundled: ___, ...rest } = unpackOrder(order.order);
  return refusalOf(() =>
    simulateContract(client, {
      account: from,
      address: engine,
      abi: derivativesEngineAbi,
      functionName: 'commit',
      args: [order.market, [orderOf(rest as OrderFields)]],
    }),
  );
}

async function refusalOf(call: () => Promise<unknown>): Promise<CommitRefusal | null> {
  try {
    await onChain(call);
    return null;
  } catch (error) {
    if (!(error instanceof ContractRefusedError)) throw error;
    if (error.error !== 'OrderRefused') return { reason: error.error, actual: 0n, limit: 0n, error };
    const [reason, actual, limit] = error.args as [number, bigint, bigint];
    return { reason: orderRefusalName(Number(reason)), actual, limit, error };
  }
}
