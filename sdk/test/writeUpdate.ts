import { concat, encodePacked, type Hex, keccak256, size, slice } from 'viem';
import type { PriceMessage } from '../src/pyth/accumulatorUpdate.ts';

export const EMITTER = `0x${'e1'.repeat(32)}` as const;

/** An ordinary price. */
export const ETH: PriceMessage = {
  id: `0x${'ab'.repeat(32)}`,
  price: 200_012_345_678n,
  confidence: 10_000_000n,
  expo: -8,
  publishTime: 1_700_000_002n,
  prevPublishTime: 1_700_000_001n,
  emaPrice: 200_000_000_000n,
  emaConfidence: 9_000_000n,
};
/** Every sign and every width at its end. */
export const EXTREME: PriceMessage = {
  id: `0x${'ff'.repeat(32)}`,
  price: -(2n ** 63n),
  confidence: 2n ** 64n - 1n,
  expo: -(2 ** 31),
  publishTime: 2n ** 64n - 1n,
  prevPublishTime: 0n,
  emaPrice: 2n ** 63n - 1n,
  emaConfidence: 0n,
};

export const encode = (m: PriceMessage, type = 0): Hex =>
  encodePacked(
    ['uint8', 'bytes32', 'int64', 'uint64', 'int32', 'uint64', 'uint64', 'int64', 'uint64'],
    [type, m.id, m.price, m.confidence, m.expo, m.publishTime, m.prevPublishTime, m.emaPrice, m.emaConfidence],
  );
const hash = (bytes: Hex) => slice(keccak256(bytes), 0, 20);
export const leaf = (message: Hex) => hash(concat(['0x00', message]));
export const node = (a: Hex, b: Hex) => hash(concat(a < b ? ['0x01', a, b] : ['0x01', b, a]));

export interface Parts {
  magic?: string;
  major?: number;
  minor?: number;
  trailing?: Hex;
  type?: number;
  vaaVersion?: number;
  payloadMagic?: string;
  payloadType?: number;
  payloadRest?: Hex;
  messages?: Hex[];
}

/** An update of one or two messages, any of its parts spoilt. */
export function writeUpdate(parts: Parts = {}): Hex {
  const { messages = [encode(ETH), encode(EXTREME)], trailing = '0x' } = parts;
  const leaves = messages.map(leaf);
  const [first, second] = leaves as [Hex, Hex?];
  const root = second ? node(first, second) : first;
  const payload = encodePacked(
    ['string', 'uint8', 'uint64', 'uint32', 'bytes20', 'bytes'],
    [parts.payloadMagic ?? 'AUWV', parts.payloadType ?? 0, 77n, 10_000, root, parts.payloadRest ?? '0x'],
  );
  const body = encodePacked(
    ['uint32', 'uint32', 'uint16', 'bytes32', 'uint64', 'uint8', 'bytes'],
    [1_700_000_003, 5, 26, EMITTER, 99n, 1, payload],
  );
  const signature = concat([`0x04${'11'.repeat(32)}`, `0x${'22'.repeat(32)}`, '0x01']);
  const vaa = concat([encodePacked(['uint8', 'uint32', 'uint8'], [parts.vaaVersion ?? 1, 3, 1]), signature, body]);
  const head = encodePacked(
    ['string', 'uint8', 'uint8', 'uint8', 'bytes', 'uint8', 'uint16', 'bytes', 'uint8'],
    [
      parts.magic ?? 'PNAU',
      parts.major ?? 1,
      parts.minor ?? 0,
      size(trailing),
      trailing,
      parts.type ?? 0,
      size(vaa),
      vaa,
      messages.length,
    ],
  );
  return concat([
    head,
    ...messages.map((message, i) => {
      const sibling = leaves[1 - i];
      const proof: Hex = sibling ? concat(['0x01', sibling]) : '0x00';
      return concat([encodePacked(['uint16', 'bytes'], [size(message), message]), proof]);
    }),
  ]);
}
