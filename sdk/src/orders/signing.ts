import type { Account, Address, Hex } from 'viem';
import { getChainId, signTypedData } from 'viem/actions';
import type { AnyClient } from '../actions/engine.ts';
import { onChain } from '../errors/index.ts';
import { flagsOf, hashOf, type OrderFields, OrderFlags } from '../math/orderWords.ts';
import { OrderInvalidError, SignatureUnreadableError } from './orderErrors.ts';
import { orderOf } from './orderOf.ts';
import { compactSignature, decodeBundleProof, encodeBundleProof, MAX_BUNDLE, recoverCompact } from './signatures.ts';
import type { SignedOrder } from './signedOrders.ts';
import {
  bundleTypedData,
  hashBundle,
  hashOrder,
  type MarketOrder,
  orderTypedData,
  type SigningDomain,
} from './typedData.ts';

/** Who signs, and for which exchange. */
export interface SigningParameters {
  engine: Address;
  /** The client's chain when absent. */
  chainId?: number;
  /** The owner, or a delegate; the client's account when absent. */
  from?: Account | Address;
}

/** An order to be signed, and the id of its market. */
export interface UnsignedOrder {
  market: bigint;
  order: OrderFields;
}

/**
 * Signs an order by a key: its owner's, or a delegate's. A wallet that is a contract signs {@link orderTypedData} itself.
 * @throws {OrderInvalidError} When no commit would take it.
 * @throws {TidemarkError} When the wallet or the chain cannot be reached.
 */
export async function signOrder(
  client: AnyClient,
  { engine, chainId, from, ...unsigned }: SigningParameters & UnsignedOrder,
): Promise<SignedOrder> {
  const signed = wordsOf(unsigned, false);
  const domain = await domainOf(client, { engine, chainId });
  const signature = await sign(client, from, orderTypedData({ ...domain, ...signed }));
  return { ...signed, signature };
}

/**
 * Signs up to 32 orders at once, of any markets. Each can be committed by itself.
 * @throws {OrderInvalidError} When there are none or too many, or no commit would take one of them.
 * @throws {TidemarkError} When the wallet or the chain cannot be reached.
 */
export async function signOrders(
  client: AnyClient,
  { engine, chainId, from, orders }: SigningParameters & { orders: readonly UnsignedOrder[] },
): Promise<SignedOrder[]> {
  if (orders.length === 0 || orders.length > MAX_BUNDLE) {
    throw new OrderInvalidError(
      `One signature cannot cover ${orders.length} orders.`,
      `Sign 1 to ${MAX_BUNDLE} at once.`,
    );
  }
  const words = orders.map((order) => wordsOf(order, true));
  const domain = await domainOf(client, { engine, chainId });
  const signature = await sign(client, from, bundleTypedData({ ...domain, orders: words }));
  const hashes = words.map(({ market, order }) => hashOf(market, order));
  return words.map((order, place) => ({ ...order, signature: encodeBundleProof({ place, hashes, signature }) }));
}

/**
 * Whose key signed an order, alone or in a bundle.
 * @throws {SignatureUnreadableError} When it is no key's signature, or the order is not the one in its place of the bundle.
 */
export function recoverOrderSigner({ signature, ...order }: SigningDomain & SignedOrder): Promise<Address> {
  if ((flagsOf(order.order.terms) & OrderFlags.Bundled) === 0n) return recoverCompact(hashOrder(order), signature);
  return recoverBundleSigner(order, signature);
}

async function recoverBundleSigner(order: SigningDomain & MarketOrder, encoded: Hex): Promise<Address> {
  const { place, hashes, signature } = decodeBundleProof(encoded);
  if (hashes[place] !== hashOf(order.market, order.order))
    throw new SignatureUnreadableError('The bundle holds another order.');
  return recoverCompact(hashBundle({ ...order, hashes }), signature);
}

function wordsOf({ market, order }: UnsignedOrder, bundled: boolean): MarketOrder {
  if (!order.nonce && !order.moment) {
    throw new OrderInvalidError(
      'The order to sign has no nonce.',
      'Give an unused one from 1 on, or sign for the moment.',
    );
  }
  if (order.moment && !order.deadline) {
    throw new OrderInvalidError('The order of the moment has no deadline.', 'Give 23 seconds from now.');
  }
  return { market, order: orderOf({ ...order, bundled }) };
}

async function domainOf(client: AnyClient, { engine, chainId }: SigningParameters): Promise<SigningDomain> {
  return { engine, chainId: chainId ?? client.chain?.id ?? (await onChain(() => getChainId(client))) };
}

/** @returns 64 bytes. */
async function sign(
  client: AnyClient,
  from: SigningParameters['from'],
  typedData: ReturnType<typeof orderTypedData> | ReturnType<typeof bundleTypedData>,
): Promise<Hex> {
  const account = from ?? client.account;
  return compactSignature(await onChain(() => signTypedData(client, { ...typedData, account } as never)));
}
