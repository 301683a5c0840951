import { DEVNET_PRICE_KEYS } from '@tidemark/deploy';
import { bytesToHex, concat, encodePacked, type Hex, hexToBytes, keccak256, sliceHex, stringToHex } from 'viem';
import { sign } from 'viem/accounts';

/** One feed's message, as Pyth signs it. Prices as integers of 10^expo. */
export interface PriceMessage {
  readonly id: Hex;
  readonly price: bigint;
  readonly confidence: bigint;
  readonly expo: number;
  /** Unix seconds. */
  readonly publishTime: number;
  /** Unix seconds of the message before: what makes an update the unique first one of a window. */
  readonly prevPublishTime: number;
}

const EMITTER_CHAIN = 26;
const EMITTER = '0xe101faedac5851e32b9b23b5f9411a8c2bac4aae3ed4dd7b811dd1a72ea4aa71';
/** Of the signers who sign unless others are named. */
export const QUORUM_KEYS: readonly Hex[] = DEVNET_PRICE_KEYS.slice(0, 3);

/**
 * One signed update with several feeds' messages, in the wire format that Pyth's contract verifies.
 * @param keys Signers 0, 1, 2 …: a quorum of the devnet's when left out.
 */
export async function writeUpdate(messages: readonly PriceMessage[], keys: readonly Hex[] = QUORUM_KEYS): Promise<Hex> {
  const slot = BigInt(Math.max(...messages.map((message) => message.publishTime)));
  const leaves = messages.map(encodeMessage);
  const { root, proofs } = merkle(leaves);
  const payload = encodePacked(
    ['bytes', 'uint8', 'uint64', 'uint32', 'bytes20'],
    [stringToHex('AUWV'), 0, slot, 10_000, root],
  );
  const body = encodePacked(
    ['uint32', 'uint32', 'uint16', 'bytes32', 'uint64', 'uint8', 'bytes'],
    [Number(slot), 0, EMITTER_CHAIN, EMITTER, slot, 1, payload],
  );
  const hash = keccak256(keccak256(body));
  const signatures = await Promise.all(
    keys.map(async (privateKey, index) => {
      const { r, s, yParity } = await sign({ hash, privateKey });
      return encodePacked(['uint8', 'bytes32', 'bytes32', 'uint8'], [index, r, s, yParity ?? 0]);
    }),
  );
  const vaa = concat([encodePacked(['uint8', 'uint32', 'uint8'], [1, 0, keys.length]), ...signatures, body]);
  const head = encodePacked(
    ['bytes', 'uint8', 'uint8', 'uint8', 'uint8', 'uint16', 'bytes', 'uint8'],
    [stringToHex('PNAU'), 1, 0, 0, 0, (vaa.length - 2) / 2, vaa, messages.length],
  );
  const parts = leaves.map((leaf, i) => {
    const proof = proofs[i] ?? [];
    return concat([encodePacked(['uint16', 'bytes', 'uint8'], [(leaf.length - 2) / 2, leaf, proof.length]), ...proof]);
  });
  return concat([head, ...parts]);
}

function encodeMessage(m: PriceMessage): Hex {
  return encodePacked(
    ['uint8', 'bytes32', 'int64', 'uint64', 'int32', 'uint64', 'uint64', 'int64', 'uint64'],
    [0, m.id, m.price, m.confidence, m.expo, BigInt(m.publishTime), BigInt(m.prevPublishTime), m.price, m.confidence],
  );
}

/** Root over the leaves padded to a power of two, and each one's proof from the leaf upwards. Nodes have 20 bytes. */
function merkle(leaves: readonly Hex[]): { root: Hex; proofs: Hex[][] } {
  let width = 1;
  while (width < leaves.length) width *= 2;
  const nodes: Hex[] = new Array(2 * width);
  for (let i = 0; i < width; i++) {
    const leaf = leaves[i];
    nodes[width + i] = leaf ? hash20(concat(['0x00', leaf])) : hash20('0x02');
  }
  const at = (i: number): Hex => nodes[i] as Hex;
  for (let i = width - 1; i > 0; i--) nodes[i] = parent(at(2 * i), at(2 * i + 1));
  const proofs = leaves.map((_, i) => {
    const proof: Hex[] = [];
    for (let node = width + i; node > 1; node >>= 1) proof.push(at(node ^ 1));
    return proof;
  });
  return { root: at(1), proofs };
}

const parent = (a: Hex, b: Hex): Hex => hash20(concat(a < b ? ['0x01', a, b] : ['0x01', b, a]));
const hash20 = (bytes: Hex): Hex => sliceHex(bytesToHex(hexToBytes(keccak256(bytes))), 0, 20);
