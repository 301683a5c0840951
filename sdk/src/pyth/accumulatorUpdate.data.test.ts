import { type Hex, size } from 'viem';
import { describe, expect, it } from 'vitest';
import { readMainnetUpdates } from '../../test/mainnetUpdates.ts';
import { decodeAccumulatorUpdate } from './accumulatorUpdate.ts';
import { PriceUpdateError, PriceUpdateUnknownError, PriceUpdateUnprovenError } from './priceUpdateErrors.ts';

const { sound, priceless, altered, emitter, emitterChain } = readMainnetUpdates();

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

  it('with an altered proof is unproven', () => {
    expect(() => decodeAccumulatorUpdate(altered.hex)).toThrow(PriceUpdateUnprovenError);
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
