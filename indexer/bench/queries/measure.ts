import type { Database } from '@tidemark/database';
import type { Schema } from '../../src/build/schema.ts';
import { execute } from '../../src/gateway/query/index.ts';
import { namespaceOf } from '../../src/store/layout.ts';
import type { Served, Store } from '../../src/store/types.ts';
import { percentile } from '../percentile.ts';
import type { SampleDocument } from './documents.ts';

export interface QueryTimes {
  readonly document: string;
  /** Milliseconds. */
  readonly p50: number;
  readonly p95: number;
  /** Characters of the last answer. */
  readonly size: number;
}

/** Of each document, after it ran some times unmeasured; the documents take turns. */
export async function measureQueries(
  { database, schema, id, store }: { database: Database; schema: Schema; id: string; store: Store },
  documents: readonly SampleDocument[],
  runs: number,
): Promise<QueryTimes[]> {
  const head = store.head;
  const served: Served = {
    ...{ id, schema, database, namespace: namespaceOf(id) },
    standing: () => ({
      ...{ head, earliest: 0n, failed: null },
      chain: head && { latest: head.number, safe: head.number, finalized: head.number },
    }),
    subscribe: () => () => {},
  };
  const times = documents.map((): number[] => []);
  const sizes: number[] = [];
  for (let run = -WARM_UP; run < runs; run++) {
    for (const [place, { name, text, variables }] of documents.entries()) {
      const started = performance.now();
      const { data, errors } = await execute({ served, document: text, variables: variables(run + WARM_UP) });
      const took = performance.now() - started;
      if (errors?.[0]) throw new Error(`${name}: ${errors[0].message}`);
      sizes[place] = JSON.stringify(data).length;
      if (run >= 0) times[place]?.push(took);
    }
  }
  return documents.map(({ name }, place) => {
    const measured = times[place] ?? [];
    return {
      ...{ document: name, size: sizes[place] ?? 0 },
      ...{ p50: percentile(measured, 0.5), p95: percentile(measured, 0.95) },
    };
  });
}

const WARM_UP = 5;
