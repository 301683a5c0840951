import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { accountOf, FIRST, type LoadSize, timeOf } from './load.ts';

const folder = fileURLToPath(new URL('../../../sdk/src/documents/', import.meta.url));

export interface SampleDocument {
  readonly name: string;
  readonly text: string;
  /** Others each time. */
  variables(run: number): Readonly<Record<string, unknown>>;
}

/** What the application would ask of what was loaded; active accounts are asked for more often, as they are there. */
function variablesOf(run: number, { accounts, blocks }: LoadSize): Readonly<Record<string, unknown>> {
  const account = accountOf(Math.floor(((run * 37) % 1_000) ** 2 * 1e-6 * accounts));
  const owner = account.slice(0, 42);
  const last = timeOf(blocks);
  const today = last - (last % 86_400n);
  const period = ['day', 'week', 'all'][run % 3];
  const week = today - ((today / 86_400n + 3n) % 7n) * 86_400n;
  const start = period === 'all' ? 0n : period === 'week' ? week : today;
  const texts = { from: FIRST, to: last, since: last - 604_800n, before: 1n << 60n, after: 0n, start };
  return {
    ...Object.fromEntries(Object.entries(texts).map(([name, value]) => [name, `${value}`])),
    ...{ account, owner, controller: owner, provider: owner, market: `${run % 4}`, period, id: `${run % 20}` },
    interval: ['minute', 'fiveMinutes', 'hour', 'day'][run % 4],
  };
}

/** The SDK's documents. @throws {Error} When one takes a variable of which nothing is known here. */
export function sampleDocuments(size: LoadSize): SampleDocument[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.graphql'));
  return files.map((file) => {
    const text = readFileSync(`${folder}${file}`, 'utf8');
    const name = file.replace('.graphql', '');
    return { name, text, variables: (run) => forDocument(name, text, variablesOf(run, size)) };
  });
}

function forDocument(name: string, text: string, known: Readonly<Record<string, unknown>>) {
  const required = [...text.matchAll(/\$(\w+): [^,)\n]*![,)\n]/g)].map(([, variable]) => variable as string);
  const unknown = required.find((variable) => known[variable] === undefined);
  if (unknown) throw new Error(`The document ${name} takes $${unknown}: say in the bench what it may be.`);
  const entries = Object.entries(known).filter(([variable]) => required.includes(variable));
  if (name === 'MarketHistory') return { ...Object.fromEntries(entries), before: known.to };
  return Object.fromEntries(entries);
}
