import type { Query } from '@tidemark/database';
import type { Aggregate, Aggregation } from '../build/schema.ts';
import { IndexerError } from '../errors.ts';
import type { Bucket } from './batch.ts';
import { expressionOf } from './expression.ts';
import { columnOf, SQL_TYPES } from './layout.ts';
import type { Table } from './tables.ts';
import type { Block } from './types.ts';

/** Microseconds. */
const LENGTHS = { hour: 3_600_000_000n, day: 86_400_000_000n } as const;
const INTERVALS = ['hour', 'day'] as const;

/** Microseconds of a block's time. */
export const timestampOf = ({ time }: Pick<Block, 'time'>) => time * 1_000_000n;

/**
 * The intervals that are over with a block. Only that of the block before can hold anything: what lies between them saw no block.
 */
export function bucketsOver(before: Block, block: Block): Bucket[] {
  return INTERVALS.flatMap((interval) => {
    const [last, start] = [before, block].map((one) => startOf(interval, timestampOf(one))) as [bigint, bigint];
    return last < start ? [{ interval, start: last, block: block.number }] : [];
  });
}

/** The first microsecond of the interval that a time is in. */
export const startOf = (interval: 'hour' | 'day', timestamp: bigint) => timestamp - (timestamp % LENGTHS[interval]);

/** Sums the timeseries up over an interval that is over. */
export async function rollUp(
  query: Query,
  tables: readonly Table[],
  { interval, start, block }: Bucket,
): Promise<void> {
  for (const table of tables) {
    if (table.interval !== interval) continue;
    await query(rollupOf(tables, table), [`${start}`, `${start + LENGTHS[interval]}`, `${block}`]);
  }
}

/** Finds out whether a type can be summed up as its schema says. @throws {IndexerError} */
export async function checkAggregates(query: Query, tables: readonly Table[], table: Table): Promise<void> {
  try {
    await query(rollupOf(tables, table), ['0', '0', '0']);
  } catch (cause) {
    if (cause instanceof IndexerError) throw cause;
    throw new IndexerError(
      `The aggregation ${table.type.name} cannot be formed: ${(cause as Error).message}`,
      'Look at its fields and at the arguments of its aggregates.',
      cause,
    );
  }
}

/** SQL with the interval's beginning, its end and the block as parameters. */
const rollupOf = (tables: readonly Table[], table: Table) =>
  `insert into ${table.name} (${bucketColumns(table).join(', ')})
    ${bucketOf(tables, table, { start: '$1::bigint', end: '$2::bigint', block: '$3::bigint' })}`;

/** What {@link bucketOf} selects. */
export function bucketColumns({ type }: Table): readonly string[] {
  const { dimensions, aggregates } = type.aggregation as Aggregation;
  return ['"id"', '"timestamp"', ...dimensions.map((name) => columnOf({ name })), ...aggregates.map(columnOf), '_from'];
}

/**
 * SQL that sums a timeseries up over an interval, as far as it was written up to a block.
 * @param bounds SQL of numbers: microseconds, the end is not within.
 */
export function bucketOf(
  tables: readonly Table[],
  table: Table,
  { start, end, block }: Readonly<Record<'start' | 'end' | 'block', string>>,
): string {
  const { source: sourceName, dimensions: names, aggregates } = table.type.aggregation as Aggregation;
  const source = tables.find(({ type }) => type.name === sourceName && type.kind === 'timeseries');
  if (!source) {
    throw new IndexerError(
      `${table.type.name} is an aggregation of ${sourceName}.`,
      'Name a timeseries as its source.',
    );
  }
  const dimensions = names.map((name) => columnOf({ name }));
  const grouped = aggregates.map((one) => `${aggregated(source, one)} as ${columnOf(one)}`);
  const bucket = `select max("id") as "id", ${[...dimensions, ...grouped].join(', ')} from ${source.name}
    where "timestamp" >= ${start} and "timestamp" < ${end} and _from <= ${block}
    ${dimensions.length > 0 ? `group by ${dimensions.join(', ')}` : 'having count(*) > 0'}`;
  const values = aggregates.map((one) => resultOf(table, one));
  const same = dimensions.map((name) => `earlier.${name} is not distinct from bucket.${name}`);
  return `select bucket."id", ${[start, ...dimensions.map((name) => `bucket.${name}`), ...values, block].join(', ')}
    from (${bucket}) bucket left join lateral (
      select * from ${table.name} earlier where ${[`earlier."timestamp" < ${start}`, ...same].join(' and ')}
      order by earlier."timestamp" desc limit ${aggregates.some(({ cumulative }) => cumulative) ? 1 : 0}
    ) earlier on true`;
}

/** Decimals without trailing zeros, as entities have them. */
function resultOf({ fields }: Table, aggregate: Aggregate): string {
  const scalar = fields.get(aggregate.name)?.scalar ?? 'BigDecimal';
  const value = `(${combined(aggregate)})::${SQL_TYPES[scalar]}`;
  return scalar === 'BigDecimal' ? `trim_scale(${value})` : value;
}

function aggregated(source: Table, { fn, arg }: Aggregate): string {
  if (fn === 'count') return 'count(*)';
  const value = expressionOf(source, arg ?? '');
  if (fn === 'first') return `(array_agg(${value} order by "id"))[1]`;
  if (fn === 'last') return `(array_agg(${value} order by "id" desc))[1]`;
  return `${fn}(${value})`;
}

/** Of the interval, and of all before it where it is cumulative. */
function combined({ name, fn, cumulative }: Aggregate): string {
  const column = columnOf({ name });
  const [now, before] = [`bucket.${column}`, `earlier.${column}`];
  if (!cumulative || fn === 'last') return now;
  if (fn === 'first') return `coalesce(${before}, ${now})`;
  if (fn === 'min') return `least(${before}, ${now})`;
  if (fn === 'max') return `greatest(${before}, ${now})`;
  return `coalesce(${before} + ${now}, ${before}, ${now})`;
}
