import { bytesToHex, concatBytes, type Hex, keccak256 } from 'viem';
import { ByteReader } from './byteReader.ts';
import { PriceUpdatePaddedError, PriceUpdateUnprovenError } from './priceUpdateErrors.ts';
import { type RecoverSigner, readVaa, verifyVaa, type WormholeTrust, type WormholeVaa } from './wormholeVaa.ts';

// The wire format of Pyth's price updates, mirror of AccumulatorUpdate.sol, where it is written down.

/** What a feed's message says. Prices and confidences are integers of 10^expo. */
export interface PriceMessage {
  id: Hex;
  price: bigint;
  confidence: bigint;
  expo: number;
  /** Seconds. */
  publishTime: bigint;
  /** Seconds; of the feed's publication before this one. */
  prevPublishTime: bigint;
  emaPrice: bigint;
  emaConfidence: bigint;
}

/** One signed update, its messages proven to be under its root. */
export interface AccumulatorUpdate {
  minorVersion: number;
  /** For additions that this reader passes over. */
  trailingHeader: Hex;
  vaa: WormholeVaa;
  /** Of Pythnet. */
  slot: bigint;
  ringSize: bigint;
  /** Signed Merkle root of the slot's messages, 20 bytes. */
  root: Hex;
  messages: readonly PriceMessage[];
}

const BLOB_MAGIC = 0x504e4155n;
const PAYLOAD_MAGIC = 0x41555756n;
const WORMHOLE_MERKLE = 0n;
const PRICE_FEED_MESSAGE = 0n;
const HASH_SIZE = 20;
const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/**
 * Reads an update and verifies each message's Merkle proof. Who signed the root is told, not verified:
 * `verifyAccumulatorUpdate` does that, and the chain.
 * @throws {PriceUpdateError} by type: what is wrong, and at which byte.
 */
export function decodeAccumulatorUpdate(update: Hex): AccumulatorUpdate {
  return readMessages(readHeader(update));
}

/**
 * Reads an update as `decodeAccumulatorUpdate` does, and verifies who signed it, as Pyth's contract does: what it
 * returns was signed by a quorum of the guardians that are trusted.
 * @param recover Tells who made a signature: viem's when left out.
 * @throws {PriceUpdateError} by type: what is wrong, and at which byte.
 */
export async function verifyAccumulatorUpdate(
  update: Hex,
  trust: WormholeTrust,
  recover?: RecoverSigner,
): Promise<AccumulatorUpdate> {
  const header = readHeader(update);
  await verifyVaa(header.vaa, trust, header.vaaOffset, recover);
  return readMessages(header);
}

/** The update up to its messages, and the readers of what follows. */
interface Header {
  minorVersion: number;
  trailingHeader: Hex;
  vaa: WormholeVaa;
  vaaOffset: number;
  messageCount: number;
  payload: ByteReader;
  messages: ByteReader;
}

function readHeader(update: Hex): Header {
  const reader = ByteReader.of(update);
  reader.expect(4, BLOB_MAGIC, 'the magic');
  reader.expect(1, 1n, 'the major version');
  const minorVersion = reader.count(1, 'the minor version');
  const trailingHeader = reader.hex(reader.count(1, "the trailing header's size"), 'the trailing header');
  reader.expect(1, WORMHOLE_MERKLE, 'the type of the update');
  const payload = reader.part(reader.count(2, "the signed message's size"), 'the signed message');
  const vaaOffset = payload.offset;
  const messageCount = reader.count(1, 'the number of messages');
  return { minorVersion, trailingHeader, vaa: readVaa(payload), vaaOffset, messageCount, payload, messages: reader };
}

function readMessages({ minorVersion, trailingHeader, vaa, messageCount, ...readers }: Header): AccumulatorUpdate {
  const payload = readPayload(readers.payload);
  const reader = readers.messages;
  const messages = Array.from({ length: messageCount }, () => readMessage(reader, payload.root));
  if (reader.left !== 0) throw new PriceUpdatePaddedError(reader.offset, reader.left);
  return { minorVersion, trailingHeader, vaa, ...payload, messages };
}

function readPayload(reader: ByteReader): Pick<AccumulatorUpdate, 'slot' | 'ringSize' | 'root'> {
  reader.expect(4, PAYLOAD_MAGIC, "the payload's magic");
  reader.expect(1, WORMHOLE_MERKLE, 'the type of the payload');
  return {
    slot: reader.uint(8, 'the slot'),
    ringSize: reader.uint(4, 'the ring size'),
    root: reader.hex(HASH_SIZE, 'the root'),
  };
}

function readMessage(reader: ByteReader, root: Hex): PriceMessage {
  const size = reader.count(2, "a message's size");
  const { offset } = reader;
  const encoded = reader.bytes(size, 'a message');
  let node = hash(LEAF, encoded);
  for (let left = reader.count(1, "a proof's length"); left > 0; left--) {
    const sibling = reader.bytes(HASH_SIZE, 'a proof');
    const [smaller, larger] = bytesToHex(node) < bytesToHex(sibling) ? [node, sibling] : [sibling, node];
    node = hash(NODE, smaller, larger);
  }
  const actual = bytesToHex(node);
  if (actual !== root) throw new PriceUpdateUnprovenError(offset, actual, root);
  return decodeMessage(new ByteReader(encoded, offset));
}

/** A longer message carries fields added later; what is known of it stays where it is. */
function decodeMessage(reader: ByteReader): PriceMessage {
  reader.expect(1, PRICE_FEED_MESSAGE, 'the type of a message');
  return {
    id: reader.hex(32, 'a feed id'),
    price: reader.int(8, 'a price'),
    confidence: reader.uint(8, 'a confidence'),
    expo: Number(reader.int(4, 'an exponent')),
    publishTime: reader.uint(8, 'a publish time'),
    prevPublishTime: reader.uint(8, 'a previous publish time'),
    emaPrice: reader.int(8, 'a mean price'),
    emaConfidence: reader.uint(8, 'a mean confidence'),
  };
}

function hash(...parts: readonly Uint8Array[]): Uint8Array {
  return keccak256(concatBytes(parts as Uint8Array[]), 'bytes').subarray(0, HASH_SIZE);
}
