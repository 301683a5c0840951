import type { Query, Row } from '@tidemark/database';
import { BigDecimal } from '../bigDecimal.ts';
import type { Entity, Value } from '../values.ts';
import { insert } from './insert.ts';
import type { CreatedSource } from './types.ts';

export interface SourceRow {
  /** Its place in the order in which they were created. */
  readonly number: number;
  readonly source: CreatedSource;
}

export async function readSources(query: Query, namespace: string): Promise<SourceRow[]> {
  const rows = await query(`select * from ${namespace}._sources order by number`);
  return rows.map((row) => ({ number: row.number as number, source: sourceOf(row) }));
}

const sourceOf = (row: Row): CreatedSource => ({
  template: row.template as string,
  parameters: row.parameters as string[],
  context: row.context === null ? null : (decode(row.context as Json) as unknown as Entity),
  from: row.from as bigint,
  done: row.done as bigint | null,
});

export async function writeSources(
  query: Query,
  namespace: string,
  created: readonly SourceRow[],
  finished: readonly SourceRow[],
): Promise<void> {
  if (created.length > 0) {
    const sources = created.map(({ source }) => source);
    const json = (parameter: string) => `${parameter}::jsonb`;
    await insert(query, `${namespace}._sources`, [
      ['number', 'integer', created.map(({ number }) => number)],
      ['template', 'text', sources.map(({ template }) => template)],
      ['parameters', 'text', sources.map(({ parameters }) => JSON.stringify(parameters)), json],
      ['context', 'text', sources.map(({ context }) => context && JSON.stringify(encode(context))), json],
      ['"from"', 'bigint', sources.map(({ from }) => `${from}`)],
    ]);
  }
  for (const { number, source } of finished) {
    await query(`update ${namespace}._sources set done = $1 where number = $2`, [`${source.done}`, number]);
  }
}

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** What JSON has no type for is an object of one: {"integer": "1"}, {"decimal": "0.01"}. */
function encode(value: Value | Entity): Json {
  if (typeof value === 'bigint') return { integer: String(value) };
  if (value instanceof BigDecimal) return { decimal: value.toString() };
  if (Array.isArray(value)) return value.map(encode);
  if (typeof value !== 'object' || value === null) return value as Json;
  return { entity: Object.fromEntries(Object.entries(value).map(([name, one]) => [name, encode(one)])) };
}

function decode(json: Json): Value {
  if (Array.isArray(json)) return json.map(decode);
  if (typeof json !== 'object' || json === null) return json as Value;
  const { integer, decimal, entity } = json as { integer?: string; decimal?: string; entity?: object };
  if (integer !== undefined) return BigInt(integer);
  if (decimal !== undefined) return BigDecimal.stored(decimal);
  return Object.fromEntries(Object.entries(entity as object).map(([name, one]) => [name, decode(one)])) as never;
}
