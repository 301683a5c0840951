import type { Database } from '@tidemark/database';
import { limit } from './limits.ts';
import { memo, remember } from './memo.ts';
import type { Statement } from './statement.ts';

/** How many estimates are remembered, and for how long, milliseconds: a subscription asks the same again and again. */
const REMEMBERED = 2_000;
const REMEMBERED_FOR = 60_000;

interface Estimate {
  readonly cost: number;
  readonly at: number;
}

const estimatesOf = memo((_: Database) => new Map<string, Estimate>());

/**
 * Refuses a statement that the database's planner estimates to cost too much, before it runs: a database in this process cannot
 * be interrupted. @throws {GraphQLError}
 */
export async function checkCost(statement: Statement, database: Database, most: number): Promise<void> {
  if (statement.byIds) return;
  const estimates = estimatesOf(database);
  const key = JSON.stringify([statement.sql, statement.parameters]);
  const known = estimates.get(key);
  const fresh = known && Date.now() - known.at < REMEMBERED_FOR;
  const { cost } = remember(estimates, key, fresh ? known : await estimate(statement, database), REMEMBERED);
  limit('units of cost in one statement, by the database’s estimate', cost, most);
}

/** A planner trusts that a list is soon full. Where it cannot know, the costliest step counts, run to its end. */
async function estimate({ sql, parameters, unpredictable }: Statement, database: Database): Promise<Estimate> {
  const lines = await database.read(`explain ${sql}`, parameters);
  const costs = lines.map((line) => Number(/\.\.(\d+)\.\d+ rows/.exec(String(line['QUERY PLAN']))?.[1] ?? 0));
  return { cost: unpredictable ? Math.max(...costs) : (costs[0] ?? 0), at: Date.now() };
}
