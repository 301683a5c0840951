import { readFileSync } from 'node:fs';
import { type Address, concatHex, type Hex, keccak256, numberToHex } from 'viem';

// Words of the contracts' storage by the layouts that are checked in, snapshots/layouts.

interface Field {
  readonly slot: number;
  readonly offset: number;
  readonly bytes: number;
  readonly type: string;
  readonly label: string;
}

interface Layout {
  readonly namespaces: Readonly<Record<string, { readonly slot: Hex; readonly struct: string }>>;
  readonly structs: Readonly<Record<string, readonly Field[]>>;
}

/** A word of a contract's storage at the block that is compared. */
export type ReadWord = (address: Address, slot: bigint) => Promise<bigint>;

/** The numbers of a struct by their names, as stored. */
export type Struct = Readonly<Record<string, bigint>>;

/** One contract's storage, by the names of its layout. */
export class Storage {
  readonly #layout: Layout;
  readonly #address: Address;
  readonly #read: ReadWord;

  constructor(contract: 'DerivativesEngine' | 'LiquidityVault', address: Address, read: ReadWord) {
    const file = new URL(`../../../snapshots/layouts/${contract}.json`, import.meta.url);
    this.#layout = JSON.parse(readFileSync(file, 'utf8'));
    [this.#address, this.#read] = [address, read];
  }

  /** Where a field of a namespace begins. */
  root(namespace: string, label: string): bigint {
    const found = this.#layout.namespaces[namespace];
    if (!found) throw new Error(`There is no namespace ${namespace}.`);
    return BigInt(found.slot) + this.within(found.struct, label);
  }

  /** Where a field begins, from the beginning of its struct. */
  within(struct: string, label: string): bigint {
    const field = this.#fields(struct).find((one) => one.label === label);
    if (!field) throw new Error(`${struct} has no ${label}.`);
    return BigInt(field.slot);
  }

  /** All numbers of a struct that begins at a slot. */
  async struct(name: string, slot: bigint): Promise<Struct> {
    const fields = this.#fields(name).filter(({ type }) => /^(u?int\d+|bool|bytes32)$/.test(type));
    const slots = [...new Set(fields.map((field) => field.slot))];
    const words = new Map(
      await Promise.all(slots.map(async (at) => [at, await this.word(slot + BigInt(at))] as const)),
    );
    return Object.fromEntries(
      fields.map(({ slot: at, offset, bytes, type, label }) => {
        const [bits, shifted] = [bytes * 8, (words.get(at) ?? 0n) >> BigInt(offset * 8)];
        return [label, type.startsWith('int') ? BigInt.asIntN(bits, shifted) : BigInt.asUintN(bits, shifted)];
      }),
    );
  }

  word(slot: bigint): Promise<bigint> {
    return this.#read(this.#address, slot);
  }

  #fields(struct: string): readonly Field[] {
    const fields = this.#layout.structs[struct];
    if (!fields) throw new Error(`There is no struct ${struct}.`);
    return fields;
  }
}

/** Where a mapping that begins at a slot keeps the value of a key. */
export const mapped = (key: Hex | bigint, slot: bigint): bigint => {
  const padded =
    typeof key === 'bigint' ? numberToHex(key, { size: 32 }) : (`0x${key.slice(2).padStart(64, '0')}` as const);
  return BigInt(keccak256(concatHex([padded, numberToHex(slot, { size: 32 })])));
};
