import { IndexerError } from '../errors.ts';

// The binary format: https://webassembly.github.io/spec/core/binary/modules.html

const IMPORT_SECTION = 2;
const GLOBAL_SECTION = 6;
const EXPORT_SECTION = 7;
const GLOBAL_KIND = 3;

/** What the globals of {@link exportGlobals} are named, in front of their index. */
export const GLOBAL_PREFIX = 'global:';

/**
 * The same module with every global that can change exported besides, so that a run can be undone without a new instance.
 * @throws {SyntaxError} when the bytes are no module of the kind that graph-cli compiles.
 */
export function exportGlobals(wasm: Uint8Array): Uint8Array<ArrayBuffer> {
  const reader = new Reader(wasm);
  if (reader.take(8).join() !== '0,97,115,109,1,0,0,0') throw unknown('does not begin as a WebAssembly module');
  const parts: Uint8Array[] = [wasm.subarray(0, 8)];
  let imported = 0;
  let mutable: number[] = [];
  while (!reader.done) {
    const start = reader.at;
    const id = reader.byte();
    const content = reader.take(reader.number());
    if (id === IMPORT_SECTION) imported = importedGlobals(new Reader(content));
    if (id === GLOBAL_SECTION) mutable = mutableGlobals(new Reader(content)).map((index) => imported + index);
    parts.push(id === EXPORT_SECTION ? withExports(content, mutable) : wasm.subarray(start, reader.at));
  }
  return new Uint8Array(Buffer.concat(parts));
}

/** Reads the numbers and names of the binary format. */
class Reader {
  readonly #bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.at >= this.#bytes.length;
  }

  byte(): number {
    const value = this.#bytes[this.at++];
    if (value === undefined) throw unknown('ends too early');
    return value;
  }

  take(length: number): Uint8Array {
    this.at += length;
    if (this.at > this.#bytes.length) throw unknown('ends too early');
    return this.#bytes.subarray(this.at - length, this.at);
  }

  /** LEB128; of a signed one only the length is right. */
  number(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const next = this.byte();
      value += (next & 127) * scale;
      if (next < 128) return value;
    }
  }
}

function importedGlobals(reader: Reader): number {
  let globals = 0;
  for (let left = reader.number(); left > 0; left--) {
    reader.take(reader.number());
    reader.take(reader.number());
    const kind = reader.byte();
    if (kind === 0) reader.number();
    else if (kind === GLOBAL_KIND) {
      globals++;
      reader.take(2);
    } else throw unknown('imports a memory or a table');
  }
  return globals;
}

function mutableGlobals(reader: Reader): number[] {
  const count = reader.number();
  return Array.from({ length: count }, (_, index) => {
    reader.byte();
    const mutable = reader.byte() === 1;
    for (let code = reader.byte(); code !== 0x0b; code = reader.byte()) {
      if (code === 0x41 || code === 0x42 || code === 0x23) reader.number();
      else if (code === 0x43) reader.take(4);
      else if (code === 0x44) reader.take(8);
      else throw unknown(`begins a global by the instruction 0x${code.toString(16)}`);
    }
    return mutable ? index : -1;
  }).filter((index) => index >= 0);
}

function withExports(content: Uint8Array, globals: readonly number[]): Uint8Array {
  const reader = new Reader(content);
  const count = reader.number();
  const added = globals.flatMap((index) => {
    const name = Buffer.from(`${GLOBAL_PREFIX}${index}`);
    return [...leb(name.length), ...name, GLOBAL_KIND, ...leb(index)];
  });
  const body = Buffer.concat([leb(count + globals.length), content.subarray(reader.at), Buffer.from(added)]);
  return Buffer.concat([Buffer.from([EXPORT_SECTION]), leb(body.length), body]);
}

function leb(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) return Uint8Array.from([...bytes, left]);
    bytes.push((left % 128) + 128);
  }
}

const unknown = (what: string) =>
  new IndexerError(
    `The compiled mappings cannot be read: the file ${what}.`,
    'Build the subgraph again with graph-cli.',
  );
