import type { Query } from '@tidemark/database';

/** A column's name, its parameter's type, a value a row, and what makes the parameter into the value where it is not that itself. */
export type ColumnValues = readonly [
  name: string,
  type: string,
  values: readonly Scalar[],
  fromParameter?: (parameter: string) => string,
];

export type Scalar = string | number | boolean | null;

/** A list as SQL writes it: quicker than what the drivers make of one. */
export const listOf = (values: readonly Scalar[]) => `{${values.map(elementOf).join()}}`;

// Numbers come as their text and need no quotes, which do no harm.
function elementOf(value: Scalar): string {
  if (typeof value !== 'string') return value === null ? 'NULL' : String(value);
  return /["\\]/.test(value) ? `"${value.replace(/["\\]/g, '\\$&')}"` : `"${value}"`;
}

/** Inserts rows, a list of parameters a column: one statement for any number of them. */
export async function insert(query: Query, table: string, columns: readonly ColumnValues[]): Promise<void> {
  const names = columns.map(([name]) => name);
  const lists = columns.map(([, type], n) => `$${n + 1}::${type}[]`);
  const values = columns.map(([, , , from], n) => (from ? from(`c${n}`) : `c${n}`));
  await query(
    `insert into ${table} (${names.join(', ')})
     select ${values.join(', ')} from unnest(${lists.join(', ')}) as row (${columns.map((_, n) => `c${n}`).join(', ')})`,
    columns.map(([, , list]) => listOf(list)),
  );
}
