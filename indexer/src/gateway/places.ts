import { tooMany } from './errors.ts';

/** Counts what is had at once, altogether and by address. */
export class Places {
  readonly #what: string;
  readonly #limits: { readonly total: number; readonly perAddress: number };
  readonly #perAddress = new Map<string, number>();
  #taken = 0;

  /** @param what In the plural, as a refusal begins. */
  constructor(what: string, limits: { readonly total: number; readonly perAddress: number }) {
    [this.#what, this.#limits] = [what, limits];
  }

  get taken(): number {
    return this.#taken;
  }

  /** @returns Gives the place back. @throws {GraphQLError} When there is none. */
  take(address: string): () => void {
    const { total, perAddress } = this.#limits;
    const own = this.#perAddress.get(address) ?? 0;
    if (this.#taken >= total) throw tooMany(`${this.#what} altogether`, total, 'Come back later.');
    if (own >= perAddress) throw tooMany(`${this.#what} of one address`, perAddress, 'End others first.');
    this.#add(address, 1);
    let isTaken = true;
    return () => {
      if (isTaken) this.#add(address, -1);
      isTaken = false;
    };
  }

  #add(address: string, by: 1 | -1): void {
    this.#taken += by;
    const own = (this.#perAddress.get(address) ?? 0) + by;
    if (own === 0) this.#perAddress.delete(address);
    else this.#perAddress.set(address, own);
  }
}
