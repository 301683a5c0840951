/** Asks the index; numbers of the chain come as text. */
export type Ask = (source: string, variables: Readonly<Record<string, unknown>>) => Promise<Record<string, unknown>>;

/** A row as it comes: numbers as text, references as objects. */
export type Row = Readonly<Record<string, unknown>>;

const PAGE = 1_000;

/** A number of a row. @throws {TypeError} When it is none. */
export function numberOf(row: Row, name: string): bigint {
  const value = row[name];
  if (typeof value === 'string' || typeof value === 'number') return BigInt(value);
  throw new TypeError(`${name} is ${JSON.stringify(value)} in ${JSON.stringify(row)}`);
}

/** What a row refers to. */
export const idOf = (row: Row, name: string): string => (row[name] as { id: string }).id;

/** The state of the index at one block. */
export class IndexState {
  readonly #ask: Ask;
  readonly #block: number;

  constructor(ask: Ask, block: bigint) {
    [this.#ask, this.#block] = [ask, Number(block)];
  }

  /** One entity. */
  async one(field: string, id: string, selection: string): Promise<Row> {
    const source = `query ($id: ID!, $block: Int!) { ${field}(id: $id, block: { number: $block }) { ${selection} } }`;
    const found = (await this.#ask(source, { id, block: this.#block }))[field] as Row | null;
    if (!found) throw new Error(`The index has no ${field} ${id} at block ${this.#block}.`);
    return found;
  }

  /** All entities of a type, in the order of their ids. */
  async all(field: string, idType: 'Bytes' | 'String', selection: string): Promise<Row[]> {
    const source = `query ($after: ${idType}!, $block: Int!) {
      ${field}(first: ${PAGE}, orderBy: id, where: { id_gt: $after }, block: { number: $block }) { id ${selection} }
    }`;
    const rows: Row[] = [];
    let after = idType === 'Bytes' ? '0x' : '';
    for (;;) {
      const page = (await this.#ask(source, { after, block: this.#block }))[field] as Row[];
      rows.push(...page);
      if (page.length < PAGE) return rows;
      after = String(page.at(-1)?.id);
    }
  }

  /** What each market came to on each day that is over. */
  async marketDays(): Promise<Row[]> {
    const source = `query ($skip: Int!, $block: Int!) {
      marketStats(interval: day, first: ${PAGE}, skip: $skip, orderBy: timestamp, orderDirection: asc, block: { number: $block }) {
        timestamp market { id } longs shorts index volume
      }
    }`;
    const rows: Row[] = [];
    for (;;) {
      const page = (await this.#ask(source, { skip: rows.length, block: this.#block })).marketStats as Row[];
      rows.push(...page);
      if (page.length < PAGE) return rows;
    }
  }
}
