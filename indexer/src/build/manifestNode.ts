import { IndexerError } from '../errors.ts';

/** A place in a manifest; what is wrong there is told with its path. */
export class ManifestNode {
  readonly #value: unknown;
  readonly #path: string;

  constructor(value: unknown, path = '') {
    [this.#value, this.#path] = [value, path];
  }

  child(name: string): ManifestNode {
    const path = this.#path ? `${this.#path}.${name}` : name;
    return new ManifestNode(this.#isMap() ? (this.#value as Record<string, unknown>)[name] : undefined, path);
  }

  names(): readonly string[] {
    if (!this.#isMap()) throw this.wrong('is no map');
    return Object.keys(this.#value as object);
  }

  /** Null when nothing stands here. */
  optional(): ManifestNode | null {
    return this.#value === undefined || this.#value === null ? null : this;
  }

  /** Empty when nothing stands here. */
  list(): readonly ManifestNode[] {
    if (!this.optional()) return [];
    if (!Array.isArray(this.#value)) throw this.wrong('is no list');
    return this.#value.map((value, index) => new ManifestNode(value, `${this.#path}[${index}]`));
  }

  text(): string {
    const value = this.#value;
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
    throw this.wrong(this.optional() ? 'is no text' : 'is missing');
  }

  matching(pattern: RegExp, what: string): string {
    const text = this.text();
    if (!pattern.test(text)) throw this.wrong(`'${text}' is not ${what}`);
    return text;
  }

  whole(): bigint {
    return BigInt(this.matching(/^\d+$/, 'a whole number'));
  }

  oneOf<const T extends string>(known: readonly T[]): T {
    const text = this.text();
    const found = known.find((one) => one === text);
    if (!found) throw this.wrong(`'${text}' is unknown to this runtime, which does ${known.join(', ')}`);
    return found;
  }

  /** @throws {IndexerError} when one of these stands here. */
  refuse(...names: readonly string[]): void {
    for (const name of names) {
      const child = this.child(name);
      const empty = Array.isArray(child.#value) && child.#value.length === 0;
      if (child.optional() && !empty) {
        throw child.wrong('is not supported by this runtime');
      }
    }
  }

  wrong(what: string): IndexerError {
    const next = 'Build the subgraph for what docs/indexing-runtime.md lists.';
    return new IndexerError(`The subgraph's manifest: ${this.#path || 'the file'} ${what}.`, next);
  }

  #isMap(): boolean {
    return typeof this.#value === 'object' && this.#value !== null && !Array.isArray(this.#value);
  }
}
