/** Who waits for blocks to be written. */
export class Arrivals {
  #waiting: { readonly block: bigint; readonly resolve: () => void }[] = [];

  /** Resolves when a block, or a later one, is written. */
  at(block: bigint): Promise<void> {
    return new Promise((resolve) => this.#waiting.push({ block, resolve }));
  }

  /** A block is written. */
  settle(number: bigint): void {
    for (const { block, resolve } of this.#waiting) if (block <= number) resolve();
    this.#waiting = this.#waiting.filter(({ block }) => block > number);
  }
}
