import type { Database } from '@tidemark/database';
import type { Table } from './tables.ts';

/** Rows that are too few to tell the planner about. */
const FEW = 20_000;

/**
 * Reclaims room and counts rows for the planner, as often as half of the rows are new: a database within the process does not do
 * so by itself, and another one not at once after a long sync.
 */
export class Upkeep {
  readonly #database: Database;
  readonly #namespace: string;
  readonly #tables: readonly Table[];
  #rows = 0;
  #written = 0;

  constructor(database: Database, namespace: string, tables: readonly Table[]) {
    [this.#database, this.#namespace, this.#tables] = [database, namespace, tables];
  }

  /** @param rows That were written. */
  async after(rows: number): Promise<void> {
    this.#written += rows;
    if (this.#written < Math.max(FEW, this.#rows / 2)) return;
    this.#written = 0;
    for (const { name } of this.#tables) await this.#database.query(`vacuum (analyze) ${name}`);
    const [row] = await this.#database.query(
      'select sum(reltuples)::bigint as rows from pg_class where relnamespace = to_regnamespace($1)',
      [this.#namespace],
    );
    this.#rows = Number(row?.rows);
  }
}
