import { bytesToHex, concatBytes, type Hex, hexToBytes, keccak256, numberToBytes } from 'viem';
import { sign } from 'viem/accounts';
import { ByteReader } from '../src/pyth/byteReader.ts';

/** A signed update in pieces that can be exchanged, left out or spoilt; lengths and counts follow from them. */
export interface Parts {
  magic: Uint8Array;
  major: Uint8Array;
  minor: Uint8Array;
  trailingHeader: Uint8Array;
  type: Uint8Array;
  version: Uint8Array;
  set: Uint8Array;
  /** 66 bytes each: signer, r, s, v. */
  signatures: Uint8Array[];
  body: Uint8Array;
  messages: { message: Uint8Array; proof: Uint8Array[] }[];
}

/** What a byte of an update belongs to. Lengths and counts belong to what holds them. */
export type FieldClass = 'header' | 'set index' | `signature ${number}` | 'body' | 'proof' | 'message';

export interface Field {
  of: FieldClass;
  bytes: Uint8Array;
  /** It says how much of something follows. */
  length?: true;
}

/** Time, nonce, emitter's chain, emitter, sequence, consistency; magic, type, slot, ring size, root. */
const BODY = [4, 4, 2, 32, 8, 1, 4, 1, 8, 4, 20];
/** Type, feed, price, confidence, exponent, publish time, the one before, mean price, mean confidence. */
const MESSAGE = [1, 32, 8, 8, 4, 8, 8, 8, 8];
const SIGNATURE = [1, 32, 32, 1];
const HASH_SIZE = 20;

export function takeApart(update: Hex): Parts {
  const reader = ByteReader.of(update);
  const take = (bytes: number) => reader.bytes(bytes, 'a part');
  const [magic, major, minor] = [take(4), take(1), take(1)];
  const trailingHeader = take(reader.count(1, 'a size'));
  const type = take(1);
  const vaa = reader.part(reader.count(2, 'a size'), 'the signed message');
  const [version, set] = [vaa.bytes(1, 'the version'), vaa.bytes(4, 'the set')];
  const signatures = Array.from({ length: vaa.count(1, 'a count') }, () => vaa.bytes(66, 'a signature'));
  const body = vaa.rest();
  const messages = Array.from({ length: reader.count(1, 'a count') }, () => ({
    message: take(reader.count(2, 'a size')),
    proof: Array.from({ length: reader.count(1, 'a count') }, () => take(HASH_SIZE)),
  }));
  return { magic, major, minor, trailingHeader, type, version, set, signatures, body, messages };
}

/** Every field in its order; empty ones are left out. */
export function fieldsOf(parts: Parts): Field[] {
  const { magic, major, minor, trailingHeader, type, version, set, signatures, body, messages } = parts;
  const field = (of: FieldClass) => (bytes: Uint8Array) => ({ of, bytes });
  const length = (of: FieldClass, value: number, size: number): Field => ({
    of,
    bytes: numberToBytes(value, { size }),
    length: true,
  });
  const vaaSize = version.length + set.length + 1 + concatBytes(signatures).length + body.length;
  const fields: Field[] = [
    ...[magic, major, minor].map(field('header')),
    length('header', trailingHeader.length, 1),
    ...[trailingHeader, type].map(field('header')),
    length('header', vaaSize, 2),
    field('header')(version),
    field('set index')(set),
    length('header', signatures.length, 1),
    ...signatures.flatMap((signature, i) => split(signature, SIGNATURE).map(field(`signature ${i + 1}`))),
    ...split(body, BODY).map(field('body')),
    length('header', messages.length, 1),
    ...messages.flatMap(({ message, proof }) => [
      length('message', message.length, 2),
      ...split(message, MESSAGE).map(field('message')),
      length('proof', proof.length, 1),
      ...proof.map(field('proof')),
    ]),
  ];
  return fields.filter(({ bytes }) => bytes.length > 0);
}

export const putTogether = (parts: Parts): Uint8Array => join(fieldsOf(parts));
export const join = (fields: readonly Field[]): Uint8Array => concatBytes(fields.map(({ bytes }) => bytes));

/** The body's signatures by keys, as guardians 0, 1, 2 …, unless others are named. */
export function signBody(body: Uint8Array, keys: readonly Hex[], signers?: readonly number[]): Promise<Uint8Array[]> {
  const hash = keccak256(keccak256(body));
  return Promise.all(
    keys.map(async (privateKey, i) => {
      const { r, s, yParity } = await sign({ hash, privateKey });
      return Uint8Array.of(signers?.[i] ?? i, ...hexToBytes(r), ...hexToBytes(s), yParity ?? 0);
    }),
  );
}

/** The last of its pieces is what is left. */
function split(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  let at = 0;
  const pieces = sizes.map((size) => {
    at += size;
    return bytes.subarray(at - size, at);
  });
  return [...pieces, bytes.subarray(at)];
}

/** The root of an update of one message. */
export const rootOf = (message: Uint8Array): Uint8Array =>
  keccak256(concatBytes([Uint8Array.of(0), message]), 'bytes').subarray(0, HASH_SIZE);

/** Bytes before the root in a body. */
export const ROOT_OFFSET = BODY.slice(0, -1).reduce((sum, size) => sum + size, 0);

/** Whether it is put together as it was taken apart. */
export const isWhole = (update: Hex): boolean => bytesToHex(putTogether(takeApart(update))) === update.toLowerCase();
