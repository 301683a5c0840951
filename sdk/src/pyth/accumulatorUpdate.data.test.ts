import { type Hex, size } from 'viem';
import { describe, expect, it } from 'vitest';
import { readMainnetUpdates } from '../../test/mainnetUpdates.ts';
import { decodeAccumulatorUpdate, verifyAccumulatorUpdate } from './accumulatorUpdate.ts';
import {
  PriceUpdateError,
  PriceUpdateGuardianSetError,
  PriceUpdateSignatureError,
  PriceUpdateUnknownError,
  PriceUpdateUnprovenError,
} from './priceUpdateErrors.ts';

const { sound, priceless, altered, emitter, emitterChain, trusts, trustOf } = await readMainnetUpdates();

describe('updates of Pythnet', () => {
  it('are 18 and two that are broken', () => {
    expect(sound).toHaveLength(18);
  });

  it.each(sound)('$name says what others read in it', ({ hex, prices, timestamp, guardianSetIndex }) => {
    const { vaa, messages } = decodeAccumulatorUpdate(hex);
    expect(messages.map(({ emaPrice, emaConfidence, ...message }) => message)).toEqual(prices);
    expect(vaa).toMatchObject({ timestamp, emitter, emitterChain, guardianSetIndex: BigInt(guardianSetIndex) });
    expect(vaa.signatures).toHaveLength(13);
    for (const { price, emaPrice, emaConfidence } of messages) {
      // An hour's mean of a price that does not halve or double in one.
      expect(emaPrice > price / 2n && emaPrice < price * 2n).toBe(true);
      expect(emaConfidence > 0n && emaConfidence < price / 10n).toBe(true);
    }
  });

  it('are signed under the guardian sets that are replayed from their upgrades', async () => {
    expect(trusts.map(({ guardians, quorum }) => `${quorum} of ${guardians.length}`)).toEqual([
      '1 of 1',
      ...Array(trusts.length - 1).fill('13 of 19'),
    ]);
    for (const { hex, guardianSetIndex } of sound) {
      const read = decodeAccumulatorUpdate(hex);
      expect(await verifyAccumulatorUpdate(hex, trustOf(guardianSetIndex))).toEqual(read);
      const before = trustOf(guardianSetIndex - 1);
      await expect(verifyAccumulatorUpdate(hex, before)).rejects.toBeInstanceOf(PriceUpdateGuardianSetError);
      const strangers = { ...trustOf(guardianSetIndex), guardians: [...before.guardians].reverse() };
      await expect(verifyAccumulatorUpdate(hex, strangers)).rejects.toBeInstanceOf(PriceUpdateSignatureError);
    }
  });

  it('are signed as well by the set before when all who signed were in it: the index is not signed', async () => {
    const outcomes = { same: 0, changed: 0 };
    for (const { hex, guardianSetIndex } of sound) {
      const [now, before] = [trustOf(guardianSetIndex), trustOf(guardianSetIndex - 1)];
      const { signatures } = decodeAccumulatorUpdate(hex).vaa;
      const same = signatures.every(({ signer }) => now.guardians[signer] === before.guardians[signer]);
      outcomes[same ? 'same' : 'changed']++;
      const thrown = await verifyAccumulatorUpdate(hex, { ...before, guardianSetIndex }).catch((error) => error);
      expect(thrown instanceof PriceUpdateSignatureError).toBe(!same);
    }
    expect(outcomes.same).toBeGreaterThan(0);
    expect(outcomes.changed).toBeGreaterThan(0);
  });

  it('with an altered proof is unproven', async () => {
    expect(() => decodeAccumulatorUpdate(altered.hex)).toThrow(PriceUpdateUnprovenError);
    const verifying = verifyAccumulatorUpdate(altered.hex, trustOf(altered.guardianSetIndex));
    await expect(verifying).rejects.toBeInstanceOf(PriceUpdateUnprovenError);
  });

  it('of another kind of message is told from a price', () => {
    const thrown = catching(() => decodeAccumulatorUpdate(priceless.hex));
    expect(thrown).toBeInstanceOf(PriceUpdateUnknownError);
    expect(thrown).toMatchObject({ field: 'the type of a message', actual: 1n, expected: 0n });
  });

  it('changed in any byte are refused by type, or say something else', () => {
    for (const { hex } of sound.slice(0, 3)) {
      const read = decodeAccumulatorUpdate(hex);
      for (let offset = 0; offset < size(hex); offset++) {
        const digits = (255 - Number.parseInt(hex.slice(2 + 2 * offset, 4 + 2 * offset), 16)).toString(16);
        const changed = `${hex.slice(0, 2 + 2 * offset)}${digits.padStart(2, '0')}${hex.slice(4 + 2 * offset)}` as Hex;
        const outcome = catching(() => decodeAccumulatorUpdate(changed));
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(PriceUpdateError);
        else expect(outcome).not.toEqual(read);
      }
    }
  });
});

function catching(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return error;
  }
}
