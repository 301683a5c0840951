import { BigDecimal, bitLength } from '../bigDecimal.ts';
import { HandlerFailed } from './host.ts';
import { TYPE_IDS, type TypeName } from './typeIds.ts';

// How AssemblyScript lays out objects: https://www.assemblyscript.org/runtime.html#memory-layout

/** Bytes in front of every object; its class's id and its length are the last two words. */
const HEADER = 20;
const ALIGNMENT = 16;

/** Bytes that are asked of the mappings at once. */
const ARENA = 16_384;

/** Bits that graph-node allows an integer: those of PostgreSQL's longest. */
const MAX_BITS = 435_412;

/** Exponents that graph-node allows a decimal: those of IEEE 754's decimal128. */
const [MIN_EXP, MAX_EXP] = [-6143, 6144];

export interface HeapExports {
  readonly memory: WebAssembly.Memory;
  allocate(size: number): number;
  id_of_type(type: number): number;
}

const utf16 = new TextDecoder('utf-16le', { ignoreBOM: true });

/** The objects that handlers and host hand one another. A pointer is the offset of an object in the memory; 0 is null. */
export class Heap {
  readonly #exports: HeapExports;
  readonly #classes = new Map<TypeName, number>();
  /** Texts that lie below this are the program's own and never change. */
  #programEnd = 0;
  readonly #programStrings = new Map<number, string>();
  #next = 0;
  #end = 0;
  #view: DataView;
  #bytes: Uint8Array;

  constructor(exports: HeapExports) {
    this.#exports = exports;
    this.#view = new DataView(exports.memory.buffer);
    this.#bytes = new Uint8Array(exports.memory.buffer);
  }

  /** Where free memory begins. */
  top(): number {
    return this.#exports.allocate(0);
  }

  /** A copy of the memory below an offset. */
  snapshot(end: number): Uint8Array {
    this.#programEnd = end;
    return this.bytes.slice(0, end);
  }

  /** Makes the memory what it was when the snapshot was taken. */
  restore(snapshot: Uint8Array, top: number): void {
    this.bytes.fill(0, snapshot.length, top);
    this.bytes.set(snapshot);
    this.#next = this.#end = 0;
  }

  /** The memory; growing makes older ones useless. */
  get bytes(): Uint8Array {
    if (this.#bytes.length === 0) this.#refresh();
    return this.#bytes;
  }

  get view(): DataView {
    if (this.#bytes.length === 0) this.#refresh();
    return this.#view;
  }

  #refresh(): void {
    const { buffer } = this.#exports.memory;
    this.#view = new DataView(buffer);
    this.#bytes = new Uint8Array(buffer);
  }

  /** Room for an object. */
  allocate(type: TypeName, size: number): number {
    let pointer = align(this.#next + HEADER);
    if (pointer + size > this.#end) {
      const room = Math.max(ARENA, size + HEADER + ALIGNMENT);
      this.#next = this.#exports.allocate(room);
      this.#end = this.#next + room;
      pointer = align(this.#next + HEADER);
    }
    this.#next = pointer + size;
    const view = this.view;
    // What the runtime takes a block for when it makes an object of it larger: the rest of the header and the object, rounded up.
    view.setUint32(pointer - HEADER, align(HEADER + size) - 4, true);
    view.setUint32(pointer - 8, this.#classOf(type), true);
    view.setUint32(pointer - 4, size, true);
    return pointer;
  }

  #classOf(type: TypeName): number {
    const known = this.#classes.get(type);
    if (known !== undefined) return known;
    const id = this.#exports.id_of_type(TYPE_IDS[type]);
    this.#classes.set(type, id);
    return id;
  }

  /** An object whose fields are words: numbers below 2^32 and pointers. */
  writeObject(type: TypeName, words: readonly number[]): number {
    const pointer = this.allocate(type, words.length * 4);
    words.forEach((word, index) => {
      this.view.setUint32(pointer + index * 4, word, true);
    });
    return pointer;
  }

  writeArray(type: TypeName, pointers: readonly number[]): number {
    const buffer = this.writeObject('ArrayBuffer', pointers);
    return this.writeObject(type, [buffer, buffer, pointers.length * 4, pointers.length]);
  }

  /** A value that tells its kind: of the store, of an ABI or of JSON. */
  writeTagged(type: TypeName, kind: number, payload: number | bigint): number {
    const pointer = this.allocate(type, 16);
    this.view.setUint32(pointer, kind, true);
    this.view.setUint32(pointer + 4, 0, true);
    this.view.setBigInt64(pointer + 8, BigInt(payload), true);
    return pointer;
  }

  readTagged(pointer: number): { kind: number; payload: number; wide: bigint } {
    notNull(pointer);
    const { view } = this;
    return {
      kind: view.getUint32(pointer, true),
      payload: view.getUint32(pointer + 8, true),
      wide: view.getBigInt64(pointer + 8, true),
    };
  }

  /** The nth word of an object. */
  word(pointer: number, index: number): number {
    notNull(pointer);
    return this.view.getUint32(pointer + index * 4, true);
  }

  readArray(pointer: number): number[] {
    const [start, length] = [this.word(pointer, 1), this.word(pointer, 3)];
    return Array.from({ length }, (_, index) => this.view.getUint32(start + index * 4, true));
  }

  writeString(text: string): number {
    const pointer = this.allocate('String', text.length * 2);
    const { view } = this;
    for (let index = 0; index < text.length; index++) {
      view.setUint16(pointer + index * 2, text.charCodeAt(index), true);
    }
    return pointer;
  }

  /** Without its null characters, which no database holds. @throws {HandlerFailed} when it is no UTF-16. */
  readString(pointer: number): string {
    notNull(pointer);
    const known = this.#programStrings.get(pointer);
    if (known !== undefined) return known;
    const length = this.view.getUint32(pointer - 4, true);
    const units = this.bytes.subarray(pointer, pointer + length);
    const text = utf16.decode(units);
    if (text.includes('\ufffd') && !Buffer.from(text, 'utf16le').equals(units)) {
      throw new HandlerFailed('a text has half of a surrogate pair');
    }
    const clean = text.replaceAll('\0', '');
    if (pointer < this.#programEnd) this.#programStrings.set(pointer, clean);
    return clean;
  }

  /** A Uint8Array, as which Bytes, addresses and integers lie. */
  writeBytes(bytes: Uint8Array): number {
    const buffer = this.allocate('ArrayBuffer', bytes.length);
    this.bytes.set(bytes, buffer);
    return this.writeObject('Uint8Array', [buffer, buffer, bytes.length]);
  }

  /** @param hex With 0x. */
  writeHex(hex: string): number {
    return this.writeBytes(Buffer.from(hex.slice(2), 'hex'));
  }

  readBytes(pointer: number): Uint8Array {
    const [start, length] = [this.word(pointer, 1), this.word(pointer, 2)];
    return this.bytes.slice(start, start + length);
  }

  /** With 0x, lower-case. */
  readHex(pointer: number): string {
    return `0x${Buffer.from(this.readBytes(pointer)).toString('hex')}`;
  }

  /** Two's complement, the lowest byte first, in as few bytes as it takes. */
  writeBigInt(value: bigint): number {
    const bits = bitLength(value < 0n ? -value - 1n : value);
    if (bits > MAX_BITS) throw new HandlerFailed(`an integer of ${bits} bits is too big: at most ${MAX_BITS}`);
    const length = Math.floor(bits / 8) + 1;
    const buffer = this.allocate('ArrayBuffer', align(length));
    const { view } = this;
    let rest = value;
    for (let at = 0; at < length; at += 8, rest >>= 64n) view.setBigUint64(buffer + at, BigInt.asUintN(64, rest), true);
    view.setUint32(buffer - 4, length, true);
    return this.writeObject('Uint8Array', [buffer, buffer, length]);
  }

  readBigInt(pointer: number): bigint {
    const [start, length] = [this.word(pointer, 1), this.word(pointer, 2)];
    if (length === 0) return 0n;
    if (length > MAX_BITS / 8 + 1) throw new HandlerFailed(`an integer of ${length} bytes is too big`);
    const { bytes, view } = this;
    const whole = length - (length % 8);
    let value = 0n;
    for (let at = length - 1; at >= whole; at--) value = (value << 8n) | BigInt(bytes[start + at] ?? 0);
    for (let at = whole - 8; at >= 0; at -= 8) value = (value << 64n) | view.getBigUint64(start + at, true);
    return BigInt.asIntN(length * 8, value);
  }

  writeBigDecimal({ digits, exp }: BigDecimal): number {
    return this.writeObject('BigDecimal', [this.writeBigInt(digits), this.writeBigInt(BigInt(exp))]);
  }

  /** @throws {HandlerFailed} when its exponent is out of bounds. */
  readBigDecimal(pointer: number): BigDecimal {
    const digits = this.readBigInt(this.word(pointer, 0));
    const value = BigDecimal.of(digits, Number(this.readBigInt(this.word(pointer, 1))));
    if (value.exp < MIN_EXP || value.exp > MAX_EXP) {
      throw new HandlerFailed(`a decimal's exponent ${value.exp} is outside ${MIN_EXP} to ${MAX_EXP}`);
    }
    return value;
  }
}

const align = (offset: number) => Math.ceil(offset / ALIGNMENT) * ALIGNMENT;

function notNull(pointer: number): void {
  if (pointer === 0) throw new HandlerFailed('a value that is null was handed to a function that needs one');
}
