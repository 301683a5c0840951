import { DEVNET_PRICE_KEYS } from '@tidemark/deploy';
import { decodeAccumulatorUpdate, PriceUpdateUnprovenError } from '@tidemark/sdk';
import { type Hex, keccak256, recoverAddress, size, toHex } from 'viem';
import { generatePrivateKey, privateKeyToAddress } from 'viem/accounts';
import { describe, expect, it } from 'vitest';
import { type PriceMessage, writeUpdate } from './accumulatorWriter.ts';

const message = (i: number): PriceMessage => ({
  id: keccak256(toHex(i)),
  price: i % 2 === 0 ? 2000_00000000n + BigInt(i) : -1n - BigInt(i),
  confidence: BigInt(i) * 10n ** 6n,
  expo: -8,
  publishTime: 1_700_000_000 + i,
  prevPublishTime: 1_699_999_999 + i,
});
const messages = (count: number) => Array.from({ length: count }, (_, i) => message(i));

describe('an update', () => {
  it.each([1, 2, 3, 4, 5, 8, 13])('of %i messages says what was written, each with its proof', async (count) => {
    const written = messages(count);
    const { slot, vaa, messages: read } = decodeAccumulatorUpdate(await writeUpdate(written));
    expect(read).toEqual(
      written.map((one) => ({
        ...one,
        publishTime: BigInt(one.publishTime),
        prevPublishTime: BigInt(one.prevPublishTime),
        emaPrice: one.price,
        emaConfidence: one.confidence,
      })),
    );
    expect(slot).toBe(1_700_000_000n + BigInt(count - 1));
    expect(vaa.timestamp).toBe(slot);
  });

  it('begins with the magic and its version, and has a proof as long as the tree is high', async () => {
    const one = await writeUpdate(messages(1));
    expect(one.slice(0, 12)).toBe('0x504e415501');
    const [four, five] = [await writeUpdate(messages(4)), await writeUpdate(messages(5))];
    // Each message: its size, 85 bytes, the proof's length, 20 bytes for each level.
    expect(size(four) - size(one)).toBe(4 * (2 + 85 + 1 + 2 * 20) - (2 + 85 + 1));
    expect(size(five) - size(one)).toBe(5 * (2 + 85 + 1 + 3 * 20) - (2 + 85 + 1));
  });

  it('is signed by a quorum of the devnet, in the signers’ order', async () => {
    const { vaa } = decodeAccumulatorUpdate(await writeUpdate(messages(2)));
    expect(vaa).toMatchObject({
      guardianSetIndex: 0n,
      emitterChain: 26,
      emitter: '0xe101faedac5851e32b9b23b5f9411a8c2bac4aae3ed4dd7b811dd1a72ea4aa71',
    });
    expect(vaa.signatures.map(({ signer }) => signer)).toEqual([0, 1, 2]);
    const signers = vaa.signatures.map(({ r, s, v }) =>
      recoverAddress({ hash: vaa.digest, signature: { r, s, yParity: v } }),
    );
    expect(await Promise.all(signers)).toEqual(DEVNET_PRICE_KEYS.slice(0, 3).map(privateKeyToAddress));
  });

  it('is signed by others when they are named', async () => {
    const key = generatePrivateKey();
    const { vaa } = decodeAccumulatorUpdate(await writeUpdate(messages(1), [key]));
    const [signature] = vaa.signatures;
    const { r, s, v } = signature as { r: Hex; s: Hex; v: number };
    expect(vaa.signatures).toHaveLength(1);
    const signer = await recoverAddress({ hash: vaa.digest, signature: { r, s, yParity: v } });
    expect(signer).toBe(privateKeyToAddress(key));
  });

  it('has no second meaning: an altered price is under no proof', async () => {
    const update = await writeUpdate(messages(3));
    const price = 2000_00000000n.toString(16).padStart(16, '0');
    expect(update).toContain(price);
    const altered = update.replace(price, 2000_00000001n.toString(16).padStart(16, '0')) as Hex;
    expect(() => decodeAccumulatorUpdate(altered)).toThrow(PriceUpdateUnprovenError);
  });
});
