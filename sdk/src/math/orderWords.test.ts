import { hashStruct } from 'viem';
import { expect, test } from 'vitest';
import { bundleTypedData, type MarketOrder } from '../orders/typedData.ts';
import { OrderWords, packOrder, unpackOrder } from './index.ts';

const account = `0x${'c1'.repeat(20)}${'00'.repeat(11)}07` as const;
const builder = { address: `0x${'b1'.repeat(20)}`, fee: 50n } as const;
const full = {
  account,
  sizeDelta: -10_000n,
  limitPrice: 5n,
  reduceOnly: true,
  attachedTo: 65_535n,
  trigger: { price: 2n ** 88n - 1n, above: false },
  deadline: 2n ** 32n - 1n,
  nonce: 2n ** 24n - 1n,
  bundled: true,
  builder,
};

test('what is packed is unpacked, field by field', () => {
  expect(unpackOrder(packOrder(full))).toEqual(full);
  const plain = { account, sizeDelta: 2n ** 87n - 1n, limitPrice: OrderWords.MAX_LIMIT_PRICE };
  expect(unpackOrder(packOrder(plain))).toEqual(plain);
  expect(packOrder(plain).extras).toBe(0n);
});

test('the hashes are those of EIP-712 typed data', () => {
  const plain = packOrder({ account, sizeDelta: -1n, limitPrice: 0n });
  const orders: MarketOrder[] = [packOrder(full), plain].map((order, i) => ({ market: BigInt(i), order }));
  const hashes = orders.map(({ market, order }) => OrderWords.hashOf(market, order));
  const { types, message } = bundleTypedData({ orders, engine: builder.address, chainId: 1 });
  expect(hashes).toEqual(message.orders.map((data) => hashStruct({ types, primaryType: 'Order', data })));
  expect(OrderWords.bundleHash(hashes)).toBe(hashStruct({ types, primaryType: 'Bundle', data: message }));
});

test('only words that fit together are sound', () => {
  const sound = (change: object) => {
    const { terms, extras } = packOrder({ account, sizeDelta: 1n, limitPrice: 0n, ...change });
    return OrderWords.isSound(terms, extras);
  };
  const trigger = { price: 1n, above: true };
  for (const change of [
    {},
    { trigger },
    { builder },
    { nonce: 1n },
    { moment: true },
    { attachedTo: 3n },
    { bundled: true },
  ])
    expect(sound(change), JSON.stringify(Object.keys(change))).toBe(true);
  expect(sound({ trigger: { ...trigger, price: 0n } })).toBe(false);
  expect(sound({ builder: { ...builder, fee: 51n } })).toBe(false);
  expect(sound({ builder: { address: `0x${'00'.repeat(20)}`, fee: 1n } })).toBe(false);
  expect(sound({ moment: true, trigger })).toBe(false);
  expect(sound({ moment: true, nonce: 1n })).toBe(false);
  expect(sound({ attachedTo: 3n, sizeDelta: -20_001n })).toBe(false);
  const { terms, extras } = packOrder({ account, sizeDelta: 1n, limitPrice: 0n });
  expect(OrderWords.isSound(terms | (1n << 232n), extras)).toBe(false);
  expect(OrderWords.isSound(terms | (64n << 248n), extras)).toBe(false);
  expect(OrderWords.isSound(terms | (12n << 248n), 1n)).toBe(false);
});

test('a trigger is met at its price and beyond', () => {
  const met = (above: boolean, price: bigint) => {
    const { terms, extras } = packOrder({ account, sizeDelta: 1n, limitPrice: 0n, trigger: { price: 100n, above } });
    return OrderWords.isTriggered(terms, extras, price);
  };
  expect([99n, 100n, 101n].map((price) => met(true, price))).toEqual([false, true, true]);
  expect([99n, 100n, 101n].map((price) => met(false, price))).toEqual([true, true, false]);
  expect(OrderWords.isTriggered(0n, 0n, 0n)).toBe(true);
});

test('a share of a position is rounded toward zero', () => {
  expect([7n, -7n].map((size) => OrderWords.partOf(size, -5000n))).toEqual([-3n, 3n]);
  expect(OrderWords.partOf(7n, -20_000n)).toBe(-14n);
});
