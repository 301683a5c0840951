import { bytesToBigInt, bytesToHex, type Hex, hexToBytes, isHex } from 'viem';
import { PriceUpdateCutShortError, PriceUpdateNotHexError, PriceUpdateUnknownError } from './priceUpdateErrors.ts';

/** Bounded big-endian reads, one after the other; mirror of CalldataReader.sol. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  /** Of `#bytes` in the whole. */
  readonly #origin: number;
  #at = 0;

  constructor(bytes: Uint8Array, origin = 0) {
    this.#bytes = bytes;
    this.#origin = origin;
  }

  /** @throws {PriceUpdateNotHexError} */
  static of(text: Hex): ByteReader {
    if (!isHex(text) || text.length % 2 !== 0) throw new PriceUpdateNotHexError();
    return new ByteReader(hexToBytes(text));
  }

  /** Of the next byte, in the whole. */
  get offset(): number {
    return this.#origin + this.#at;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** @throws {PriceUpdateCutShortError} when fewer than `size` bytes are left; as all that follow. */
  bytes(size: number, field: string): Uint8Array {
    if (size > this.left) throw new PriceUpdateCutShortError(field, this.offset, size, this.left);
    this.#at += size;
    return this.#bytes.subarray(this.#at - size, this.#at);
  }

  /** All that is left, not yet taken. */
  rest(): Uint8Array {
    return this.#bytes.subarray(this.#at);
  }

  /** The next bytes as a reader of their own. */
  part(size: number, field: string): ByteReader {
    const origin = this.offset;
    return new ByteReader(this.bytes(size, field), origin);
  }

  hex(size: number, field: string): Hex {
    return bytesToHex(this.bytes(size, field));
  }

  uint(size: number, field: string): bigint {
    return bytesToBigInt(this.bytes(size, field));
  }

  int(size: number, field: string): bigint {
    return BigInt.asIntN(8 * size, this.uint(size, field));
  }

  /** A count or a size, of at most 6 bytes. */
  count(size: number, field: string): number {
    return Number(this.uint(size, field));
  }

  /** @throws {PriceUpdateUnknownError} when the next bytes are another number. */
  expect(size: number, expected: bigint, field: string): void {
    const { offset } = this;
    const actual = this.uint(size, field);
    if (actual !== expected) throw new PriceUpdateUnknownError(field, offset, actual, expected);
  }
}
