import type { EntityType, Schema } from '../../build/schema.ts';
import { bucketColumns, bucketOf, startOf } from '../../store/rollup.ts';
import { tablesOf } from '../../store/tables.ts';
import { type State, tableSql } from './rows.ts';

/** The hours or days of an aggregation, with the one that the block is in, as far as it is known, where that is asked. */
export function aggregationSql(type: EntityType, interval: 'hour' | 'day', state: State, schema: Schema): string {
  const over = tableSql(type, state, interval);
  const tables = tablesOf(schema, state.namespace);
  const table = tables.find((one) => one.type === type && one.interval === interval);
  if (state.time === null || !table) return over;
  const bounds = { start: `${startOf(interval, state.time)}`, end: `${state.time + 1n}`, block: `${state.block}` };
  return `(select ${bucketColumns(table).join(', ')} from ${over} union all ${bucketOf(tables, table, bounds)})`;
}
