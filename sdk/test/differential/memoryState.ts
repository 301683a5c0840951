import type { StateManagerInterface } from '@ethereumjs/common';
import { Account, type Address, bytesToHex } from '@ethereumjs/util';

type Words = Map<string, Uint8Array>;

const EMPTY = new Uint8Array(0);

/**
 * The EVM's state in memory with an undo log: a checkpoint costs nothing and a copy of the world only its words.
 * Balances and nonces are kept but not undone, since nothing tested here depends on them.
 */
export class MemoryState implements StateManagerInterface {
  private readonly accounts = new Map<string, Account>();
  private readonly codes = new Map<string, Uint8Array>();
  private storage = new Map<string, Words>();
  private log: { words: Words; key: string; before: Uint8Array | undefined }[] = [];
  private readonly marks: number[] = [];

  readonly originalStorageCache = {
    get: (address: Address, key: Uint8Array) => this.getStorage(address, key),
    clear: () => {},
  };

  /** Every word ever written to an address, zero ones included. */
  wordsOf(address: string): Words {
    const found = this.storage.get(address);
    if (found) return found;
    const words: Words = new Map();
    this.storage.set(address, words);
    return words;
  }

  snapshot(): Map<string, Words> {
    return new Map([...this.storage].map(([address, words]) => [address, new Map(words)]));
  }

  restore(snapshot: Map<string, Words>): void {
    this.storage = new Map([...snapshot].map(([address, words]) => [address, new Map(words)]));
    this.log = [];
    this.marks.length = 0;
  }

  async getAccount(address: Address): Promise<Account | undefined> {
    return this.accounts.get(address.toString());
  }
  async putAccount(address: Address, account?: Account): Promise<void> {
    if (account) this.accounts.set(address.toString(), account);
    else this.accounts.delete(address.toString());
  }
  async deleteAccount(address: Address): Promise<void> {
    this.accounts.delete(address.toString());
  }
  async modifyAccountFields(address: Address, fields: object): Promise<void> {
    const account = this.accounts.get(address.toString()) ?? new Account();
    Object.assign(account, fields);
    this.accounts.set(address.toString(), account);
  }

  async putCode(address: Address, value: Uint8Array): Promise<void> {
    this.codes.set(address.toString(), value);
    // Any hash but the empty one: the interpreter only asks whether there is code.
    await this.modifyAccountFields(address, { codeHash: new Uint8Array(32).fill(1) });
  }
  async getCode(address: Address): Promise<Uint8Array> {
    return this.codes.get(address.toString()) ?? EMPTY;
  }
  async getCodeSize(address: Address): Promise<number> {
    return (await this.getCode(address)).length;
  }

  async getStorage(address: Address, key: Uint8Array): Promise<Uint8Array> {
    return this.storage.get(address.toString())?.get(bytesToHex(key)) ?? EMPTY;
  }
  async putStorage(address: Address, key: Uint8Array, value: Uint8Array): Promise<void> {
    const words = this.wordsOf(address.toString());
    const slot = bytesToHex(key);
    this.log.push({ words, key: slot, before: words.get(slot) });
    words.set(slot, value);
  }
  async clearStorage(): Promise<void> {}

  async checkpoint(): Promise<void> {
    this.marks.push(this.log.length);
  }
  async commit(): Promise<void> {
    this.marks.pop();
    if (this.marks.length === 0) this.log = [];
  }
  async revert(): Promise<void> {
    const mark = this.marks.pop() ?? 0;
    while (this.log.length > mark) {
      const entry = this.log.pop();
      if (!entry) break;
      if (entry.before) entry.words.set(entry.key, entry.before);
      else entry.words.delete(entry.key);
    }
  }

  getStateRoot(): Promise<Uint8Array> {
    throw new Error('The state in memory has no root.');
  }
  setStateRoot(): Promise<void> {
    throw new Error('The state in memory has no root.');
  }
  async hasStateRoot(): Promise<boolean> {
    return false;
  }
  clearCaches(): void {}
  shallowCopy(): StateManagerInterface {
    throw new Error('Copy the state in memory by snapshot and restore.');
  }
}
