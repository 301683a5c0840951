import { bytesToHex, concat, type Hex, keccak256, size, slice, toHex } from 'viem';
import { privateKeyToAddress } from 'viem/accounts';
import { describe, expect, it } from 'vitest';
import { putTogether, signBody, takeApart } from '../../test/updateParts.ts';
import { EMITTER, ETH, EXTREME, encode, leaf, node, type Parts, writeUpdate } from '../../test/writeUpdate.ts';
import { decodeAccumulatorUpdate, verifyAccumulatorUpdate } from './accumulatorUpdate.ts';
import {
  PriceUpdateCutShortError,
  PriceUpdateEmitterError,
  PriceUpdateError,
  PriceUpdateGuardianSetError,
  PriceUpdateNotHexError,
  PriceUpdatePaddedError,
  PriceUpdateQuorumError,
  PriceUpdateSignatureError,
  PriceUpdateUnknownError,
  PriceUpdateUnprovenError,
} from './priceUpdateErrors.ts';
import type { WormholeTrust } from './wormholeVaa.ts';

function refusal(update: Hex): PriceUpdateError {
  try {
    decodeAccumulatorUpdate(update);
  } catch (error) {
    expect(error).toBeInstanceOf(PriceUpdateError);
    return error as PriceUpdateError;
  }
  return expect.fail('it was read');
}

/** Where `part` begins in `whole`, bytes. */
const offsetOf = (whole: Hex, part: Hex) => (whole.indexOf(part.slice(2)) - 2) / 2;

describe('an update', () => {
  const update = writeUpdate();

  it('gives what was written', () => {
    const { vaa, ...read } = decodeAccumulatorUpdate(update);
    const root = node(leaf(encode(ETH)), leaf(encode(EXTREME)));
    expect(read).toEqual({
      minorVersion: 0,
      trailingHeader: '0x',
      slot: 77n,
      ringSize: 10_000n,
      root,
      messages: [ETH, EXTREME],
    });
    const { digest, ...claimed } = vaa;
    expect(claimed).toEqual({
      guardianSetIndex: 3n,
      signatures: [{ signer: 4, r: `0x${'11'.repeat(32)}`, s: `0x${'22'.repeat(32)}`, v: 1 }],
      timestamp: 1_700_000_003n,
      nonce: 5n,
      emitterChain: 26,
      emitter: EMITTER,
      sequence: 99n,
      consistencyLevel: 1,
    });
    // The body begins after the update's 10 bytes, the message's 6 and one signature.
    const body = slice(update, 10 + 6 + 66, 10 + 6 + 66 + 51 + 37);
    expect(digest).toBe(keccak256(keccak256(body)));
  });

  it('may hold one message, whose proof is empty', () => {
    expect(decodeAccumulatorUpdate(writeUpdate({ messages: [encode(ETH)] })).messages).toEqual([ETH]);
  });

  it('may carry what later versions add', () => {
    const later = writeUpdate({
      minor: 9,
      trailing: '0xcafe',
      payloadRest: '0xbeef',
      messages: [concat([encode(ETH), '0x01'])],
    });
    expect(decodeAccumulatorUpdate(later)).toMatchObject({
      minorVersion: 9,
      trailingHeader: '0xcafe',
      messages: [ETH],
    });
  });
});

describe('an update that is', () => {
  const update = writeUpdate();

  it.each<[string, Parts, number, string]>([
    ['of another format', { magic: 'PNAV' }, 0, 'the magic'],
    ['of another major version', { major: 2 }, 4, 'the major version'],
    ['of another type', { type: 1 }, 7, 'the type of the update'],
    ['signed in another version', { vaaVersion: 2 }, 10, 'the version of the signed message'],
    ['signed for something else', { payloadMagic: 'AUWX' }, 133, "the payload's magic"],
    ['signed in another type', { payloadType: 1 }, 137, 'the type of the payload'],
    ['no price', { messages: [encode(ETH, 1)] }, 173, 'the type of a message'],
  ])('%s is refused', (_what, parts, offset, field) => {
    const error = refusal(writeUpdate(parts));
    expect(error).toBeInstanceOf(PriceUpdateUnknownError);
    expect(error).toMatchObject({ offset, field });
  });

  it('not hexadecimal is refused', () => {
    for (const text of ['', '504e4155', '0x5', '0xzz', '0x504e41550'] as Hex[]) {
      expect(refusal(text)).toBeInstanceOf(PriceUpdateNotHexError);
    }
  });

  it('cut short anywhere is refused, and says where', () => {
    for (let length = 0; length < size(update); length++) {
      const error = refusal(length === 0 ? '0x' : slice(update, 0, length)) as PriceUpdateCutShortError;
      expect(error, `${length} bytes`).toBeInstanceOf(PriceUpdateCutShortError);
      expect(error.offset + error.left).toBe(length);
      expect(error.needed).toBeGreaterThan(error.left);
    }
  });

  it('padded is refused, whatever follows', () => {
    for (const padding of ['0x00', '0xffff', update] as Hex[]) {
      const error = refusal(concat([update, padding]));
      expect(error).toBeInstanceOf(PriceUpdatePaddedError);
      expect(error).toMatchObject({ offset: size(update), surplus: size(padding) });
    }
  });

  it('too short in its last message is refused', () => {
    const error = refusal(writeUpdate({ messages: [slice(encode(ETH), 0, 84)] }));
    expect(error).toBeInstanceOf(PriceUpdateCutShortError);
    expect(error).toMatchObject({ field: 'a mean confidence', needed: 8, left: 7 });
  });

  it('not the signed one is refused', () => {
    const message = offsetOf(update, encode(EXTREME));
    const altered = flip(update, message + 40, 1);
    const error = refusal(altered);
    expect(error).toBeInstanceOf(PriceUpdateUnprovenError);
    expect(error).toMatchObject({ offset: message, expected: decodeAccumulatorUpdate(update).root });
  });

  it('proven by another proof is refused', () => {
    expect(refusal(flip(update, size(update) - 1, 0x80))).toBeInstanceOf(PriceUpdateUnprovenError);
  });

  it('changed in any bit is refused by type, or says something else', { timeout: 60_000 }, () => {
    const read = decodeAccumulatorUpdate(update);
    const outcomes = { refused: 0, different: 0 };
    for (let offset = 0; offset < size(update); offset++) {
      for (let bit = 1; bit < 256; bit <<= 1) {
        try {
          expect(decodeAccumulatorUpdate(flip(update, offset, bit)), `${offset}`).not.toEqual(read);
          outcomes.different++;
        } catch (error) {
          if (!(error instanceof PriceUpdateError)) throw error;
          outcomes.refused++;
        }
      }
    }
    // Minor version, guardian set, signature, the body's head, slot, ring size: what signatures alone protect.
    expect(outcomes.different).toBe(8 * (1 + 4 + 66 + 51 + 8 + 4));
    expect(outcomes.refused).toBe(8 * size(update) - outcomes.different);
  });
});

describe('an update whose signers are known', () => {
  const keys = [1n, 2n, 3n, 4n, 5n].map((key) => toHex(key, { size: 32 }));
  const trust: WormholeTrust = {
    guardians: keys.map((key) => privateKeyToAddress(key)),
    quorum: 3,
    guardianSetIndex: 3,
    emitterChain: 26,
    emitter: EMITTER,
  };
  const unsigned = takeApart(writeUpdate());

  /** Signed by the keys of these guardians, under their names unless others are given. */
  async function signedBy(signers: number[], names = signers): Promise<Hex> {
    const signing = signers.map((signer) => keys[signer] as Hex);
    return bytesToHex(putTogether({ ...unsigned, signatures: await signBody(unsigned.body, signing, names) }));
  }

  it('is what was signed, by a quorum or more', async () => {
    for (const signers of [
      [0, 1, 2],
      [0, 2, 4],
      [0, 1, 2, 3, 4],
    ]) {
      const update = await signedBy(signers);
      expect(await verifyAccumulatorUpdate(update, trust)).toEqual(decodeAccumulatorUpdate(update));
    }
  });

  it.each([
    ['of another set', { guardianSetIndex: 4 }, PriceUpdateGuardianSetError, 11],
    ['signed by too few', { quorum: 4 }, PriceUpdateQuorumError, 15],
    ['signed by strangers', { guardians: [...trust.guardians].reverse() }, PriceUpdateSignatureError, 16],
    ['signed by one who is not in the set', { guardians: trust.guardians.slice(0, 2) }, PriceUpdateSignatureError, 148],
    ['emitted on another chain', { emitterChain: 1 }, PriceUpdateEmitterError, 222],
    ['emitted by somebody else', { emitter: `0x${'e2'.repeat(32)}` as Hex }, PriceUpdateEmitterError, 222],
  ])('and that is %s is refused', async (_what, other, type, offset) => {
    const error = await verifyAccumulatorUpdate(await signedBy([0, 1, 2]), { ...trust, ...other }).catch((e) => e);
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ offset });
  });

  it.each([
    ['twice by one', [0, 1, 1], [0, 1, 1], 148],
    ['out of order', [1, 0, 2], [1, 0, 2], 82],
    ["under another's name", [0, 1, 2], [0, 1, 3], 148],
  ])('and that is signed %s is refused', async (_what, signers, names, offset) => {
    const error = await verifyAccumulatorUpdate(await signedBy(signers, names), trust).catch((e) => e);
    expect(error).toBeInstanceOf(PriceUpdateSignatureError);
    expect(error).toMatchObject({ offset, signer: names.find((_, i) => 16 + 66 * i === offset) });
  });

  it('is refused when a parity is written as in Ethereum', async () => {
    const update = await signedBy([0, 1, 2]);
    const { signatures } = takeApart(update);
    const written = signatures.map((one) => Uint8Array.of(...one.subarray(0, 65), (one[65] ?? 0) + 27));
    const error = await verifyAccumulatorUpdate(
      bytesToHex(putTogether({ ...unsigned, signatures: written })),
      trust,
    ).catch((e) => e);
    expect(error).toBeInstanceOf(PriceUpdateSignatureError);
  });
});

/** One byte changed by exclusive or. */
function flip(update: Hex, offset: number, bits: number): Hex {
  const byte = Number(slice(update, offset, offset + 1)) ^ bits;
  return `${update.slice(0, 2 + 2 * offset)}${byte.toString(16).padStart(2, '0')}${update.slice(4 + 2 * offset)}` as Hex;
}
