/** An SQL statement that is being written, and its parameters. */
export class Statement {
  sql = '';
  /** Whether it reads no more than entities whose ids are known. */
  byIds = false;
  /** Whether it has a condition of which no statistics tell how many rows fulfil it. */
  unpredictable = false;
  readonly parameters: unknown[] = [];

  /** @param type SQL's, without collation. */
  bind(value: unknown, type: string): string {
    this.parameters.push(value);
    return `$${this.parameters.length}::${type}`;
  }
}
