import { IndexerError } from '../errors.ts';
import type { Table } from './tables.ts';

const KEYWORDS = new Set('case when then else end and or not is null true false distinct from'.split(' '));
const FUNCTIONS = new Set(
  'abs ceil ceiling div floor gcd lcm mod power sign coalesce nullif greatest least'.split(' '),
);
const TOKEN = /\s*(?:(\d+(?:\.\d+)?)|([A-Za-z_]\w*)|(<->|<=|>=|!=|[-+*/%^=<>(),]))/y;

/**
 * SQL of what an aggregate is of: constants and fields of the timeseries, operators, conditions and functions of numbers.
 * @throws {IndexerError} When it has anything else.
 */
export function expressionOf(source: Table, argument: string): string {
  const fail = (what: string) =>
    new IndexerError(
      `The aggregate of "${argument}" has ${what}.`,
      `Use fields of ${source.type.name}, numbers and functions of them.`,
    );
  const parts: string[] = [];
  const end = argument.trimEnd().length;
  for (TOKEN.lastIndex = 0; TOKEN.lastIndex < end; ) {
    const at = TOKEN.lastIndex;
    const [, number, word, operator] = TOKEN.exec(argument) ?? [];
    if (word) {
      const column = source.columns.find(({ field }) => field.name === word);
      const known = KEYWORDS.has(word.toLowerCase()) || FUNCTIONS.has(word.toLowerCase());
      if (!column && !known) throw fail(`the unknown name ${word}`);
      parts.push(column ? column.name : word);
    } else {
      const other = number ?? operator;
      if (!other) throw fail(`an unknown sign at "${argument.slice(at, at + 10)}"`);
      parts.push(other);
    }
  }
  return parts.join(' ');
}
