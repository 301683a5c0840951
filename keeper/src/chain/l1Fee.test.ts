import type { AnyClient } from '@tidemark/sdk';
import { createClient, custom, encodeAbiParameters, type Hex, toHex } from 'viem';
import { describe, expect, it } from 'vitest';
import { fastLzLength } from './fastLz.ts';
import { getL1Prices, l1FeeOf, NO_L1_PRICES, operatorFeeOf } from './l1Fee.ts';

/** A legacy transaction of nothing. */
const EMPTY: Hex = '0xdd80808094095e7baea6a6c7c4c2dfeb977efac326af552d878080808080';

describe('fastLzLength', () => {
  // As op-geth's.
  it.each([
    ['nothing', new Uint8Array(0), 0],
    ['a thousand ones', new Uint8Array(1_000).fill(1), 21],
    ['a thousand zeros', new Uint8Array(1_000), 21],
    ['an empty transaction', Uint8Array.from(Buffer.from(EMPTY.slice(2), 'hex')), 31],
  ])('of %s', (_what, bytes, length) => {
    expect(fastLzLength(bytes)).toBe(length);
  });

  it.each([1, 31, 32, 33, 64, 300])('of %s bytes without a match is theirs, and one for each 32', (count) => {
    // Multiples of an odd number: no three in a row come again.
    const bytes = Uint8Array.from({ length: count }, (_, i) => (i * 167 + (i >> 8) * 89 + ((i * i) >> 3)) & 0xff);
    expect(fastLzLength(bytes)).toBe(count + Math.ceil(count / 32));
  });
});

describe('l1FeeOf', () => {
  const prices = {
    ...NO_L1_PRICES,
    baseFee: 10n ** 9n,
    blobBaseFee: 10n ** 7n,
    baseFeeScalar: 2n,
    blobBaseFeeScalar: 3n,
  };

  it('takes a hundred bytes at least', () => {
    // 100 · (16 · 2 · 1e9 + 3 · 1e7) / 1e6
    expect(l1FeeOf(EMPTY, prices)).toBe(3_203_000n);
    expect(l1FeeOf('0x', prices)).toBe(3_203_000n);
  });

  it('follows Fjord’s line above that', () => {
    const bytes = Uint8Array.from({ length: 300 }, (_, i) => (i * 167 + (i >> 8) * 89 + ((i * i) >> 3)) & 0xff);
    expect(l1FeeOf(toHex(bytes), prices)).toBe(((836_500n * 310n - 42_585_600n) * 32_030_000_000n) / 10n ** 12n);
  });

  it('is nothing where L1 is not paid', () => {
    expect(l1FeeOf(EMPTY, NO_L1_PRICES)).toBe(0n);
  });
});

describe('getL1Prices', () => {
  /** A chain of four slots, whose oracle of gas prices answers, or is not there. */
  const chain = (slots: Record<number, Hex>, jovian?: boolean) =>
    createClient({
      transport: custom({
        request: async ({ method, params }: { method: string; params: [unknown, Hex] }) => {
          if (method === 'eth_getStorageAt') return slots[Number(params[1])] ?? toHex(0n, { size: 32 });
          return jovian === undefined ? '0x' : encodeAbiParameters([{ type: 'bool' }], [jovian]);
        },
      }),
    }) as AnyClient;
  const slots = {
    1: toHex(7n, { size: 32 }),
    // Scalars 5 and 6, and a sequence number that is none of its business.
    3: toHex((5n << 96n) | (6n << 64n) | 99n, { size: 32 }),
    7: toHex(8n, { size: 32 }),
    8: toHex((2_000_000n << 64n) | 500n, { size: 32 }),
  };

  it('reads the slots', async () => {
    expect(await getL1Prices(chain(slots))).toEqual({
      baseFee: 7n,
      baseFeeScalar: 5n,
      blobBaseFeeScalar: 6n,
      blobBaseFee: 8n,
      operatorScalar: 2_000_000n,
      operatorConstant: 500n,
    });
    expect(await getL1Prices(chain({}))).toEqual(NO_L1_PRICES);
  });

  it.each([
    [undefined, 2_500n],
    [false, 2_500n],
    [true, 200_000_000_500n],
  ])('takes the operator’s fee as the chain does; Jovian: %s', async (jovian, fee) => {
    expect(operatorFeeOf(1_000n, await getL1Prices(chain(slots, jovian)))).toBe(fee);
  });
});
