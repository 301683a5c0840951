import {
  type AnyClient,
  type CommitRefusal,
  describeFailure,
  Failure,
  getDelegation,
  getMarketConfig,
  getPosition,
  MarketFlags,
  OrderFlags,
  OrderWords,
  ownerOf,
  previewCommitSigned,
  previewCommitTriggered,
  recoverOrderSigner,
  SignatureUnreadableError,
  type SignedOrder,
  type SigningDomain,
} from '@tidemark/sdk';
import type { Address } from 'viem';
import { engineRefused, RequestRefusedError } from './errors.ts';

/** What passes by itself or with the price: an order that waits may wait for it. */
const PASSING: readonly string[] = [
  'TriggerNotMet',
  'OrdersPending',
  'OrdersElsewhere',
  'IndexStale',
  'DelegateLimit',
  'QueueFull',
];
const isLasting = (refusal: CommitRefusal | null): refusal is CommitRefusal =>
  refusal !== null && !PASSING.includes(refusal.reason);

/**
 * Whether an order may wait: all that its commit would ask now but for its trigger, judged by the engine itself; and what
 * its settlement would refuse though the price were there.
 * @throws {RequestRefusedError} With why not.
 * @throws {TidemarkError} When the chain cannot be asked.
 */
export async function checkOrder(
  client: AnyClient,
  { engine, chainId, ...order }: SigningDomain & SignedOrder,
): Promise<void> {
  const { market } = order;
  const { account, terms } = order.order;
  const flags = OrderWords.flagsOf(terms);
  if ((flags & OrderFlags.Moment) !== 0n) {
    throw new RequestRefusedError(422, {
      code: 'CannotWait',
      what: 'The order is signed for the moment and cannot wait.',
      next: 'Commit it, or sign it with a nonce.',
    });
  }
  const refusal = await previewCommitSigned(client, { engine, order });
  if (isLasting(refusal)) throw engineRefused(refusal);
  const from = await signerOf(client, { engine, chainId, ...order });
  const later = refusal && (await previewCommitTriggered(client, { engine, order, from }));
  if (isLasting(later)) throw engineRefused(later);
  const { flags: marketFlags } = await getMarketConfig(client, { engine, market });
  if ((BigInt(marketFlags) & MarketFlags.ReduceOnly) !== 0n && OrderWords.mayOpen(terms))
    throw wouldFail('OpeningPaused', true);
  if ((flags & OrderFlags.ReduceOnly) === 0n || (flags & OrderFlags.Attached) !== 0n) return;
  const { size } = await getPosition(client, { engine, account, market });
  if (size === 0n || size > 0n === OrderWords.sizeDeltaOf(terms) > 0n) throw wouldFail('NothingToReduce', false);
}

function wouldFail(code: 'OpeningPaused' | 'NothingToReduce', retryable: boolean): RequestRefusedError {
  return new RequestRefusedError(422, { code, ...describeFailure(Failure[code]), retryable });
}

/** Who is bound by a signature that the engine takes: a delegate, else the owner. */
async function signerOf(client: AnyClient, order: SigningDomain & SignedOrder): Promise<Address> {
  const owner = ownerOf(order.order.account);
  try {
    const signer = await recoverOrderSigner(order);
    if (signer === owner || order.byContract) return owner;
    const { expiry } = await getDelegation(client, { engine: order.engine, owner, delegate: signer });
    return expiry === 0n ? owner : signer;
  } catch (error) {
    // Not a key's: the owner is a contract.
    if (error instanceof SignatureUnreadableError) return owner;
    throw error;
  }
}
