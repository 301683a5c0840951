import type { Query } from '@tidemark/database';

/** A column's name, its parameter's type, a value a row, and what makes the parameter into the value where it is not that itself. */
export type ColumnValues = readonly [
  name: string,
  type: string,
  values: readonly unknown[],
  fromParameter?: (parameter: string) => string,
];

/** Inserts rows, a list of parameters a column: one statement for any number of them. */
export async function insert(query: Query, table: string, columns: readonly ColumnValues[]): Promise<void> {
  const names = columns.map(([name]) => name);
  const lists = columns.map(([, type], n) => `$${n + 1}::${type}[]`);
  const values = columns.map(([, , , from], n) => (from ? from(`c${n}`) : `c${n}`));
  await query(
    `insert into ${table} (${names.join(', ')})
     select ${values.join(', ')} from unnest(${lists.join(', ')}) as row (${columns.map((_, n) => `c${n}`).join(', ')})`,
    columns.map(([, , list]) => list),
  );
}
