import {
  concat,
  createClient,
  custom,
  type Hex,
  hashTypedData,
  keccak256,
  parseSignature,
  size,
  slice,
  stringToHex,
  toHex,
} from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { beforeAll, describe, expect, it } from 'vitest';
import { accountId } from '../accounts.ts';
import { hashOf, type OrderFields } from '../math/orderWords.ts';
import { ladder, limitOrder, marketOrder, momentAt } from './builders.ts';
import { OrderInvalidError, SignatureUnreadableError } from './orderErrors.ts';
import { orderOf } from './orderOf.ts';
import { compactSignature, decodeBundleProof, encodeBundleProof } from './signatures.ts';
import { decodeSigned, encodeSigned, type SignedOrder } from './signedOrders.ts';
import { recoverOrderSigner, signOrder, signOrders } from './signing.ts';
import { bundleTypedData, hashBundle, hashOrder, orderTypedData } from './typedData.ts';

const USD = 10n ** 18n;
const UNIT = 10n ** 12n;
const owner = privateKeyToAccount(keccak256(stringToHex('owner')));
const builder = privateKeyToAccount(keccak256(stringToHex('builder'))).address;
const account = accountId(owner.address, 3n);
const domain = { engine: '0x00000000000000000000000000000000000000AA', chainId: 10 } as const;
/** Without a chain behind it: nothing is asked of one. */
const unreachable = custom({ request: async () => expect.fail('the chain was asked') });
const client = createClient({ account: owner, transport: unreachable });
const market = 2n;

const full: OrderFields = {
  account,
  sizeDelta: -5n * UNIT,
  limitPrice: 1_900n * USD,
  reduceOnly: true,
  trigger: { price: 2_000n * USD, above: true },
  deadline: 1_800_000_000n,
  nonce: 258n,
  builder: { address: builder, fee: 25n },
};

describe('what is signed of an order', () => {
  const order = orderOf(full);

  it('is the EIP-712 hash of its typed data', () => {
    expect(hashOrder({ ...domain, market, order })).toBe(hashTypedData(orderTypedData({ ...domain, market, order })));
  });

  it('is another on another chain, at another engine, in another market', () => {
    const hashes = [
      hashOrder({ ...domain, market, order }),
      hashOrder({ ...domain, chainId: 11, market, order }),
      hashOrder({ ...domain, engine: builder, market, order }),
      hashOrder({ ...domain, market: 3n, order }),
    ];
    expect(new Set(hashes).size).toBe(4);
  });

  it('of several is the hash of their bundle', () => {
    const orders = [1n, 2n, 3n].map((nonce) => ({ market: nonce, order: orderOf({ ...full, nonce, bundled: true }) }));
    const hash = hashTypedData(bundleTypedData({ ...domain, orders }));
    expect(hashBundle({ ...domain, hashes: orders.map((one) => hashOf(one.market, one.order)) })).toBe(hash);
  });
});

describe('a signature', () => {
  it('has 64 bytes, and tells its signer', async () => {
    // Both parities of R come up.
    const parities = new Set<number>();
    for (let nonce = 1n; nonce <= 12n; nonce++) {
      const signed = await signOrder(client, { ...domain, market, order: { ...full, nonce } });
      expect(signed.order).toEqual(orderOf({ ...full, nonce }));
      expect(size(signed.signature)).toBe(64);
      expect(await recoverOrderSigner({ ...domain, ...signed })).toBe(owner.address);
      const hash = hashOrder({ ...domain, ...signed });
      const { r, s, yParity } = parseSignature(await owner.sign({ hash }));
      expect(slice(signed.signature, 0, 32)).toBe(r);
      expect(BigInt(slice(signed.signature, 32))).toBe(BigInt(s) + (BigInt(yParity) << 255n));
      parities.add(yParity);
    }
    expect(parities.size).toBe(2);
  });

  it('of a delegate tells the delegate', async () => {
    const delegate = privateKeyToAccount(keccak256(stringToHex('delegate')));
    const signed = await signOrder(client, { ...domain, from: delegate, market, order: full });
    expect(await recoverOrderSigner({ ...domain, ...signed })).toBe(delegate.address);
  });

  it('of an altered order tells somebody else', async () => {
    const signed = await signOrder(client, { ...domain, market, order: full });
    const altered = { ...signed, order: { ...signed.order, terms: signed.order.terms + 1n } };
    expect(await recoverOrderSigner({ ...domain, ...altered })).not.toBe(owner.address);
  });

  it('asks the chain for its id when nobody says it', async () => {
    const transport = custom({
      request: async ({ method }) => (method === 'eth_chainId' ? '0xa' : expect.fail(method)),
    });
    const asking = createClient({ account: owner, transport });
    const signed = await signOrder(asking, { engine: domain.engine, market, order: full });
    expect(await recoverOrderSigner({ ...domain, ...signed })).toBe(owner.address);
  });

  it('is not given to what no commit would take', async () => {
    const { nonce, ...none } = full;
    const refused = [
      none,
      { ...full, nonce: 0n },
      { ...none, trigger: undefined, moment: true, deadline: undefined },
    ].map((order) => signOrder(client, { ...domain, market, order: order as OrderFields }));
    for (const signing of refused) await expect(signing).rejects.toBeInstanceOf(OrderInvalidError);
    const moment = { ...marketOrder({ account, sizeDelta: UNIT }), ...momentAt(1_000n) };
    expect(size((await signOrder(client, { ...domain, market, order: moment })).signature)).toBe(64);
  });

  it.each([63, 66])('of %s bytes is unreadable', async (bytes) => {
    const signature = toHex(1n, { size: bytes });
    expect(() => compactSignature(signature)).toThrow(SignatureUnreadableError);
    const reading = recoverOrderSigner({ ...domain, market, order: orderOf(full), signature });
    await expect(reading).rejects.toBeInstanceOf(SignatureUnreadableError);
  });

  it('of nobody is unreadable', async () => {
    const reading = recoverOrderSigner({ ...domain, market, order: orderOf(full), signature: toHex(0n, { size: 64 }) });
    await expect(reading).rejects.toBeInstanceOf(SignatureUnreadableError);
  });
});

describe('one signature of several orders', () => {
  const rungs = ladder({ account, sizeDelta: UNIT, from: 1_900n * USD, to: 1_800n * USD, rungs: 4, nonce: 7n });
  const elsewhere = { market: 5n, order: limitOrder({ account, sizeDelta: -UNIT, price: USD, nonce: 11n }) };
  let signed: SignedOrder[];

  beforeAll(async () => {
    const orders = [...rungs.map((order) => ({ market, order })), elsewhere];
    signed = await signOrders(client, { ...domain, orders });
  });

  it('serves each of them by itself', async () => {
    expect(signed.map((one) => one.market)).toEqual([2n, 2n, 2n, 2n, 5n]);
    for (const [place, one] of signed.entries()) {
      const proof = decodeBundleProof(one.signature);
      expect(proof.place).toBe(place);
      expect(proof.hashes).toEqual(signed.map((one) => hashOf(one.market, one.order)));
      expect(size(proof.signature)).toBe(64);
      expect(await recoverOrderSigner({ ...domain, ...one })).toBe(owner.address);
    }
  });

  it('is laid out as the contract reads it: count, place, hashes, signature', () => {
    const [, second] = signed as [SignedOrder, SignedOrder];
    const { hashes, signature } = decodeBundleProof(second.signature);
    expect(second.signature).toBe(concat(['0x0501', ...hashes, signature]));
  });

  it('does not serve an order in another place, or another order', async () => {
    const [first, second] = signed as [SignedOrder, SignedOrder];
    for (const wrong of [
      { ...first, signature: second.signature },
      { ...first, market: 3n },
    ]) {
      await expect(recoverOrderSigner({ ...domain, ...wrong })).rejects.toThrow('The bundle holds another order.');
    }
  });

  it('is unreadable when it is cut, empty, too long or points beyond its end', () => {
    const [{ signature }] = signed as [SignedOrder];
    const proof = decodeBundleProof(signature);
    const hashes = Array.from({ length: 33 }, () => proof.hashes[0] as Hex);
    for (const encoded of [
      '0x' as const,
      '0x00' as const,
      '0x0000' as const,
      slice(signature, 0, 161),
      encodeBundleProof({ ...proof, place: 5 }),
      encodeBundleProof({ ...proof, hashes }),
    ]) {
      expect(() => decodeBundleProof(encoded)).toThrow(SignatureUnreadableError);
    }
    expect(decodeBundleProof(encodeBundleProof({ ...proof, signature: '0x' }))).toEqual({ ...proof, signature: '0x' });
  });

  it('covers 1 to 32', async () => {
    const many = Array.from({ length: 33 }, (_, i) => ({ market, order: { ...full, nonce: BigInt(i + 1) } }));
    for (const orders of [[], many]) {
      await expect(signOrders(client, { ...domain, orders })).rejects.toBeInstanceOf(OrderInvalidError);
    }
    const most = await signOrders(client, { ...domain, orders: many.slice(0, 32) });
    expect(await recoverOrderSigner({ ...domain, ...(most[31] as SignedOrder) })).toBe(owner.address);
  });
});

describe('signed orders as the engine takes them', () => {
  const sign = (nonce: bigint) => signOrder(client, { ...domain, market, order: { ...full, nonce } });
  const byContract = (signature: Hex) => ({ order: orderOf({ ...full, nonce: 9n }), signature, byContract: true });

  it("carry a key's signature in two words, and the place of a longer one", async () => {
    const [one] = await signOrders(client, { ...domain, orders: [{ market, order: full }] });
    const { market: _, ...key } = await sign(1n);
    const bundled = { order: one?.order ?? orderOf(full), signature: one?.signature ?? '0x' };
    const signed = [byContract('0x1234'), key, bundled, byContract('0x1234')];
    const { orders, others } = encodeSigned(signed);
    expect(others).toEqual(['0x1234', bundled.signature]);
    expect(orders[1]).toEqual({ ...key.order, r: slice(key.signature, 0, 32), vs: slice(key.signature, 32) });
    const places = [0, 2, 3].map((i) => [orders[i]?.r, orders[i]?.vs].map((word) => BigInt(word ?? -1)));
    expect(places).toEqual([
      [0n, 0n],
      [1n, 0n],
      [0n, 0n],
    ]);
    expect(decodeSigned({ orders, others }).map(({ signature }) => signature)).toEqual(signed.map((s) => s.signature));
  });

  it("keep a contract's signature of 64 bytes apart from a key's", () => {
    const signed = [byContract(toHex(5n, { size: 64 }))];
    const { orders, others } = encodeSigned(signed);
    expect(others).toHaveLength(1);
    expect(decodeSigned({ orders, others })).toEqual(signed);
  });

  it('without a signature that is there have none', () => {
    const order = orderOf(full);
    const words = { ...order, r: toHex(7n, { size: 32 }), vs: toHex(0n, { size: 32 }) };
    expect(decodeSigned({ orders: [words], others: [] })).toEqual([{ order, signature: '0x' }]);
  });
});
