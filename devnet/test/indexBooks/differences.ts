/** Something that the index and the chain tell differently. */
export interface Difference {
  readonly what: string;
  readonly index: bigint;
  readonly chain: bigint;
}

/** Collects what differs, and counts what was compared. */
export class Differences {
  readonly found: Difference[] = [];
  compared = 0;

  compare(what: string, index: bigint, chain: bigint | undefined): void {
    this.compared++;
    if (chain === undefined) throw new Error(`The chain does not tell ${what}.`);
    if (index !== chain) this.found.push({ what, index, chain });
  }
}
