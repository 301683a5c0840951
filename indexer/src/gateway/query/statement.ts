/** An SQL statement that is being written, and its parameters. */
export class Statement {
  sql = '';
  readonly parameters: unknown[] = [];

  /** @param type SQL's, without collation. */
  bind(value: unknown, type: string): string {
    this.parameters.push(value);
    return `$${this.parameters.length}::${type}`;
  }
}
